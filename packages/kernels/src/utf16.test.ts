import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadKernelsSync, twins } from './load.ts'

const kernels = loadKernelsSync()

/** All that a decoder gives for these pieces, or null. */
function decodeAll(from: typeof kernels, pieces: readonly Uint8Array[], isBig: boolean): string | null {
  const decoder = from.createUtf16Decoder(isBig)
  const parts: Buffer[] = []
  for (const [i, piece] of [...pieces, new Uint8Array(0)].entries()) {
    const part = decoder.decode(piece, i === pieces.length)
    if (part === null) {
      decoder.release()
      return null
    }
    parts.push(Buffer.from(part))
  }
  decoder.release()
  return Buffer.concat(parts).toString('hex')
}

function cut(bytes: Buffer, places: readonly number[]): Uint8Array[] {
  const ends = places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b)
  return [...ends, bytes.length].map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end))
}

function swapped(bytes: Buffer): Buffer {
  return bytes.length % 2 === 0 ? Buffer.from(bytes).swap16() : bytes
}

describe('UTF-16 as UTF-8', () => {
  it('is what the text is, wherever it is cut', () => {
    const text = fc.string({
      unit: fc.oneof(fc.constantFrom('a', '7', ',', '\n'), fc.string({ unit: 'binary' })),
    })
    fc.assert(
      fc.property(text, fc.array(fc.nat(), { maxLength: 4 }), fc.boolean(), (one, places, isBig) => {
        const little = Buffer.from(one, 'utf16le')
        const pieces = cut(isBig ? swapped(little) : little, places)
        expect(decodeAll(kernels, pieces, isBig)).toBe(Buffer.from(one).toString('hex'))
      }),
      { numRuns: 1000 },
    )
  })

  it('agrees with its twin on units of any kind, halves of pairs and odd ends among them', () => {
    const unit = fc.oneof(
      { weight: 8, arbitrary: fc.nat(0x7f) },
      fc.constantFrom(0x80, 0x7ff, 0x800, 0xd7ff, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xe000, 0xfeff, 0xffff),
      fc.nat(0xffff),
    )
    fc.assert(
      fc.property(
        fc.array(unit, { maxLength: 40 }),
        fc.array(fc.nat(), { maxLength: 3 }),
        fc.boolean(),
        fc.boolean(),
        (units, places, isBig, isOdd) => {
          const bytes = Buffer.concat([
            Buffer.from(Uint16Array.from(units).buffer),
            Buffer.alloc(isOdd ? 1 : 0, 65),
          ])
          const pieces = cut(bytes, places)
          expect(decodeAll(kernels, pieces, isBig)).toBe(decodeAll(twins, pieces, isBig))
        },
      ),
      { numRuns: 2000 },
    )
  })
})
