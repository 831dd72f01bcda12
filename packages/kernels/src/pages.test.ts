import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadKernelsSync, twins } from './load.ts'
import type { PageBlock, PageShape, PageValues } from './pages.ts'

const encoder = loadKernelsSync().createPageEncoder()
const twin = twins.createPageEncoder()

/** A result whose bytes are its own. */
function own(found: PageValues | null): unknown {
  if (!found) return null
  const { dictionary, plain } = found
  if (!dictionary) return plain.map((bytes) => Buffer.from(bytes).toString('hex'))
  return {
    ...dictionary,
    plain: Buffer.from(dictionary.plain).toString('hex'),
    indices: dictionary.indices.map((bytes) => Buffer.from(bytes).toString('hex')),
  }
}

function expectSame(blocks: readonly PageBlock[], shape: PageShape): PageValues | null {
  const found = encoder.encode(blocks, shape)
  expect(own(found)).toEqual(own(twin.encode(blocks, shape)))
  return found
}

/** A block of these texts, null for what is not present. */
function texts(values: readonly (string | null)[], first = 0): PageBlock {
  const bytes = values.map((value) => Buffer.from(value ?? ''))
  const offsets = new Int32Array(values.length + 1)
  offsets[0] = first
  for (const [i, { length }] of bytes.entries()) offsets[i + 1] = offsets[i]! + length
  const index = Int32Array.from(values.flatMap((value, i) => (value === null ? [] : [i])))
  return {
    values: Buffer.concat([Buffer.alloc(first, 7), ...bytes]),
    offsets,
    index: index.length === values.length ? null : index,
    present: index.length,
  }
}

/** A block of values of `width` bytes. */
function words(values: readonly bigint[], width: number, index: Int32Array | null = null): PageBlock {
  const bytes = Buffer.alloc(values.length * width)
  for (const [i, value] of values.entries()) {
    for (let j = 0; j < width; j++) bytes[i * width + j] = Number((value >> BigInt(8 * j)) & 255n)
  }
  return { values: bytes, offsets: null, index, present: index?.length ?? values.length }
}

const text = fc.oneof(
  fc.constantFrom(
    '',
    'a',
    'ab',
    'Ada',
    'a@b.example',
    'exactly8',
    'ninebytes',
    'x'.repeat(16),
    'y'.repeat(300),
  ),
  fc.string({ maxLength: 40 }),
)

describe('the values of a column chunk', () => {
  it('agrees with its twin for byte arrays, present or not', () => {
    const block = fc
      .tuple(
        fc.array(fc.option(text, { freq: 5 }), { maxLength: 60 }),
        fc.nat(9),
        fc.integer({ min: 1, max: 5 }),
      )
      .map(([values, first, times]) => texts(Array(times).fill(values).flat(), first))
    fc.assert(
      fc.property(fc.array(block, { maxLength: 4 }), (blocks) => void expectSame(blocks, { kind: 'bytes' })),
      { numRuns: 300 },
    )
  })

  it('agrees with its twin for words of any width', () => {
    const value = fc.oneof(
      fc.bigInt({ min: -5n, max: 5n }),
      fc.bigInt({ min: -(2n ** 127n), max: 2n ** 127n - 1n }),
    )
    fc.assert(
      fc.property(
        fc.array(fc.array(value, { maxLength: 50 }), { maxLength: 3 }),
        fc.constantFrom(1, 2, 3, 4, 7, 8, 12, 16, 32),
        fc.boolean(),
        (blocks, width, isSparse) => {
          const shaped = blocks.map((values) => {
            const index = Int32Array.from(values.keys()).filter((i) => i % 3 !== 1)
            return words([...values, ...values], width, isSparse ? index : null)
          })
          expectSame(shaped, { kind: 'words', width })
        },
      ),
      { numRuns: 300 },
    )
  })

  it('agrees with its twin for decimals, and finds one that does not fit', () => {
    const near = fc.constantFrom(2n ** 31n, -(2n ** 31n), 2n ** 63n, -(2n ** 63n), 2n ** 63n - 1n, 0n, -1n)
    fc.assert(
      fc.property(
        fc.array(fc.oneof(near, fc.bigInt({ min: -(2n ** 40n), max: 2n ** 40n })), { maxLength: 20 }),
        fc.constantFrom(8, 16, 32),
        fc.constantFrom(3, 4, 8, 9, 16, 17),
        fc.boolean(),
        (values, width, size, isBig) => {
          const held = values.map((value) => BigInt.asIntN(8 * width, value))
          const found = expectSame([words(held, width)], { kind: 'decimal', width, size, isBig })
          const limit = 2n ** BigInt(8 * size - 1)
          expect(found === null).toBe(held.some((value) => value >= limit || value < -limit))
        },
      ),
      { numRuns: 500 },
    )
  })

  it('makes a dictionary where values repeat, over all blocks', () => {
    const found = expectSame([texts(['a', 'b', 'a', 'a']), texts(['b', 'b', 'a', 'c'])], { kind: 'bytes' })
    expect(found?.dictionary).toMatchObject({ size: 3, bitWidth: 2 })
    expect(Buffer.from(found?.dictionary?.plain ?? []).toString('hex')).toBe('010000006101000000620100000063')
  })

  it('gives a dictionary up after the sample, and when it is full', () => {
    const many = Array.from({ length: 70_000 }, (_, i) => String(i % 33_000))
    expect(expectSame([texts(many)], { kind: 'bytes' })?.dictionary).toBeNull()
    const late = [...Array(3000).fill('same'), ...many, ...many]
    expect(expectSame([texts(late)], { kind: 'bytes' })?.dictionary).toBeNull()
    const full = Array.from({ length: 70_000 }, (_, i) => BigInt(i < 3000 ? 1 : i % 32_767))
    expect(expectSame([words(full, 8)], { kind: 'words', width: 8 })?.dictionary?.size).toBe(32_767)
    const long = Array.from({ length: 4000 }, (_, i) => `${i % 900}${'x'.repeat(1200)}`)
    expect(expectSame([texts(long)], { kind: 'bytes' })?.dictionary).toBeNull()
  })

  it('keeps what it gave apart from what comes: the next chunk is encoded as if it were the first', () => {
    const first = own(encoder.encode([texts(['a', 'a', 'b'])], { kind: 'bytes' }))
    expectSame([words([1n, 1n, 2n, 2n], 8)], { kind: 'words', width: 8 })
    expect(own(encoder.encode([texts(['a', 'a', 'b'])], { kind: 'bytes' }))).toEqual(first)
  })
})

describe('the RLE and bit-packing hybrid', () => {
  it('agrees with its twin', () => {
    const runs = fc.array(fc.tuple(fc.nat(255), fc.oneof(fc.nat(20), fc.constantFrom(8, 16, 500))), {
      maxLength: 40,
    })
    fc.assert(
      fc.property(runs, fc.integer({ min: 1, max: 8 }), (parts, bitWidth) => {
        const values = Uint8Array.from(
          parts.flatMap(([value, count]) => Array(count).fill(value % 2 ** bitWidth)),
        )
        expect(Buffer.from(encoder.hybrid(values, values.length, bitWidth)).toString('hex')).toBe(
          Buffer.from(twin.hybrid(values, values.length, bitWidth)).toString('hex'),
        )
      }),
    )
  })

  it('matches the example of the specification', () => {
    // The header says one group of eight; the bytes are those of the Parquet encodings page.
    const values = Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7)
    expect([...encoder.hybrid(values, 8, 3)]).toEqual([0b11, 0b10001000, 0b11000110, 0b11111010])
  })

  it('writes equal values as one run', () => {
    expect([...encoder.hybrid(new Uint8Array(1000).fill(1), 1000, 1)]).toEqual([0xd0, 0x0f, 1])
  })
})
