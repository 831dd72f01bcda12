import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteStream } from './byte-stream.ts'
import { BoolRle, ByteRle } from './bytes-rle.ts'
import { codecOf } from './codec.ts'
import type { IntReader } from './int-reader.ts'
import { IntRleV1 } from './int-rle-v1.ts'
import { IntRleV2 } from './int-rle-v2.ts'

const NONE = codecOf(0, undefined)

function streamOf(hex: string): ByteStream {
  return new ByteStream(Buffer.from(hex.replaceAll(' ', ''), 'hex'), NONE)
}

function read(reader: IntReader, count: number): bigint[] {
  const pairs = new Int32Array(count * 2)
  reader.read64(pairs, 0, count)
  return [...new BigInt64Array(pairs.buffer)]
}

describe('integer run length encoding, version 1', () => {
  it('gives the examples of the specification', () => {
    expect(read(new IntRleV1(streamOf('61 00 07'), false), 100)).toEqual(
      Array.from({ length: 100 }, () => 7n),
    )
    expect(read(new IntRleV1(streamOf('61 ff 64'), false), 100)).toEqual(
      Array.from({ length: 100 }, (_, i) => BigInt(100 - i)),
    )
    expect(read(new IntRleV1(streamOf('fb 02 03 06 07 0b'), false), 5)).toEqual([2n, 3n, 6n, 7n, 11n])
  })

  it('gives back varints of 64 bits with a sign', () => {
    fc.assert(
      fc.property(
        fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { minLength: 1, maxLength: 128 }),
        (values) => {
          const bytes = [
            256 - values.length,
            ...values.flatMap((value) => varint(BigInt.asUintN(64, (value << 1n) ^ (value >> 63n)))),
          ]
          expect(
            read(new IntRleV1(new ByteStream(Uint8Array.from(bytes), NONE), true), values.length),
          ).toEqual(values)
        },
      ),
    )
  })
})

describe('integer run length encoding, version 2', () => {
  it('gives the examples of the specification', () => {
    expect(read(new IntRleV2(streamOf('0a 27 10'), false), 5)).toEqual(
      Array.from({ length: 5 }, () => 10_000n),
    )
    expect(read(new IntRleV2(streamOf('5e 03 5c a1 ab 1e de ad be ef'), false), 4)).toEqual([
      23_713n,
      43_806n,
      57_005n,
      48_879n,
    ])
    expect(read(new IntRleV2(streamOf('c6 09 02 02 22 42 42 46'), false), 10)).toEqual([
      2n,
      3n,
      5n,
      7n,
      11n,
      13n,
      17n,
      19n,
      23n,
      29n,
    ])
    const patched = '8e 13 2b 21 07 d0 1e 00 14 70 28 32 3c 46 50 5a 64 6e 78 82 8c 96 a0 aa b4 be fc e8'
    expect(read(new IntRleV2(streamOf(patched), false), 20)).toEqual(
      [
        2030, 2000, 2020, 1000000, 2040, 2050, 2060, 2070, 2080, 2090, 2100, 2110, 2120, 2130, 2140, 2150,
        2160, 2170, 2180, 2190,
      ].map(BigInt),
    )
  })

  it('unpacks every width, whatever is asked for at once', () => {
    const widths = [1, 2, 3, 5, 8, 11, 16, 17, 23, 24, 26, 28, 30, 32, 40, 48, 56, 64]
    fc.assert(
      fc.property(
        fc.constantFrom(...widths),
        fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { minLength: 1, maxLength: 512 }),
        fc.integer({ min: 1, max: 512 }),
        fc.boolean(),
        (width, randoms, step, isSigned) => {
          const raw = randoms.map((random) => BigInt.asUintN(width, random))
          const reader = new IntRleV2(new ByteStream(direct(width, raw), NONE), isSigned)
          const found: bigint[] = []
          while (found.length < raw.length)
            found.push(...read(reader, Math.min(step, raw.length - found.length)))
          const wanted = raw.map((value) =>
            isSigned ? (value >> 1n) ^ -(value & 1n) : BigInt.asIntN(64, value),
          )
          expect(found).toEqual(wanted)
        },
      ),
    )
  })

  it('adds up differences of every width and sign, exact beyond 2^53', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }),
        fc.constantFrom(2, 4, 8, 16, 24, 32, 40, 48, 64),
        fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { maxLength: 510 }),
        fc.integer({ min: 0, max: 60 }),
        (base, step, width, randoms, shift) => {
          const first = base >> BigInt(shift)
          const delta = step >> BigInt(shift)
          const sizes = randoms.map((random) => BigInt.asUintN(width, random))
          const wanted = [first, BigInt.asIntN(64, first + delta)]
          for (const size of sizes) {
            wanted.push(BigInt.asIntN(64, (wanted.at(-1) as bigint) + (delta < 0n ? -size : size)))
          }
          const bytes = deltas(width, first, delta, sizes)
          expect(read(new IntRleV2(new ByteStream(bytes, NONE), true), wanted.length)).toEqual(wanted)
        },
      ),
    )
  })
})

describe('byte and boolean run length encoding', () => {
  it('gives the examples of the specification', () => {
    const bytes = new Uint8Array(100)
    new ByteRle(streamOf('61 00')).read(bytes, 0, 100)
    expect([...bytes]).toEqual(Array.from({ length: 100 }, () => 0))
    new ByteRle(streamOf('fe 44 45')).read(bytes, 0, 2)
    expect([...bytes.subarray(0, 2)]).toEqual([0x44, 0x45])
    expect([...new BoolRle(streamOf('ff 80')).read(8)]).toEqual([1])
  })

  it('goes on in the middle of a byte', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 100 }),
        fc.array(fc.integer({ min: 1, max: 40 })),
        (bytes, steps) => {
          const reader = new BoolRle(
            new ByteStream(Buffer.concat([Buffer.of(256 - bytes.length), bytes]), NONE),
          )
          const all = [...bytes].flatMap((byte) => Array.from({ length: 8 }, (_, i) => (byte >> (7 - i)) & 1))
          let at = 0
          for (const step of steps) {
            const count = Math.min(step, all.length - at)
            const bits = reader.read(count)
            expect(
              Array.from({ length: count }, (_, i) => ((bits[i >> 3] as number) >> (i & 7)) & 1),
            ).toEqual(all.slice(at, at + count))
            if (count & 7) expect((bits.at(-1) as number) >> (count & 7)).toBe(0)
            at += count
          }
        },
      ),
    )
  })
})

function varint(value: bigint): number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  return [...bytes, Number(rest)]
}

const CODES = [
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 26, 28, 30, 32, 40,
  48, 56, 64,
]

function header(kind: number, width: number, count: number): number[] {
  return [(kind << 6) | (CODES.indexOf(width) << 1) | ((count - 1) >> 8), (count - 1) & 255]
}

function pack(width: number, values: readonly bigint[]): number[] {
  const bits = values.map((value) => value.toString(2).padStart(width, '0')).join('')
  return (bits.match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2))
}

function direct(width: number, values: readonly bigint[]): Uint8Array {
  return Uint8Array.from([...header(1, width, values.length), ...pack(width, values)])
}

function deltas(width: number, base: bigint, step: bigint, sizes: readonly bigint[]): Uint8Array {
  const zigzag = (value: bigint): number[] => varint(BigInt.asUintN(64, (value << 1n) ^ (value >> 63n)))
  return Uint8Array.from([
    ...header(3, width, sizes.length + 2),
    ...zigzag(base),
    ...zigzag(step),
    ...pack(width, sizes),
  ])
}
