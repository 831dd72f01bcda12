import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadKernelsSync, twins } from './load.ts'
import { compile } from './module.ts'
import { PIECE_BYTES } from './sweep-wasm.ts'

const kernels = loadKernelsSync()
const classes = {
  'digits and @': classOf((byte) => (byte >= 48 && byte < 58) || byte === 64),
  none: classOf(() => false),
  all: classOf(() => true),
  'non-ASCII': classOf((byte) => byte >= 128),
  'every third': classOf((byte) => byte % 3 === 0),
}

function classOf(test: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (test(byte) ? byte | 1 : 0))
}

describe('sweep', () => {
  it('runs in WebAssembly here, so that the other tests compare two things', () => {
    expect(compile()).not.toBeNull()
    expect(kernels).not.toBe(twins)
  })

  it('agrees with its twin for any class, bytes and range', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 256, maxLength: 256, max: 1 }),
        fc.uint8Array({ maxLength: 400 }),
        fc.nat(80),
        fc.nat(80),
        (byteClass, bytes, skip, trim) => {
          const from = Math.min(skip, bytes.length)
          const to = Math.max(from, bytes.length - trim)
          expect(Array.from(kernels.sweep(bytes, from, to, byteClass))).toEqual(
            Array.from(twins.sweep(bytes, from, to, byteClass)),
          )
        },
      ),
      { numRuns: 500 },
    )
  })

  it.each(Object.entries(classes))(
    'agrees at every length up to 200 and every alignment: %s',
    (_, byteClass) => {
      const bytes = Uint8Array.from({ length: 300 }, (_, i) => (i * 89 + (i >> 3)) & 255)
      for (let from = 0; from < 20; from++) {
        for (let length = 0; length < 200; length++) {
          const found = kernels.sweep(bytes, from, from + length, byteClass)
          const wanted = twins.sweep(bytes, from, from + length, byteClass)
          if (Buffer.compare(asBytes(found), asBytes(wanted)) !== 0) expect(found).toEqual(wanted)
        }
      }
    },
  )

  it.each([-1, 0, 1, PIECE_BYTES + 7])('joins pieces: piece size and %i bytes', (more) => {
    const bytes = Uint8Array.from({ length: PIECE_BYTES * 2 + more }, (_, i) => (i * 31 + (i >> 9)) & 255)
    for (const byteClass of Object.values(classes)) {
      const found = kernels.sweep(bytes, 0, bytes.length, byteClass)
      expect(Buffer.compare(asBytes(found), asBytes(twins.sweep(bytes, 0, bytes.length, byteClass)))).toBe(0)
    }
  })

  it('sees a class that was changed in place', () => {
    const byteClass = classOf((byte) => byte === 65)
    const bytes = Buffer.from('AB')
    expect(Array.from(kernels.sweep(bytes, 0, 2, byteClass))).toEqual([0])
    byteClass[66] = 1
    expect(Array.from(kernels.sweep(bytes, 0, 2, byteClass))).toEqual([0, 1])
  })
})

describe('indexCsv', () => {
  it('agrees with its twin for any bytes and range', () => {
    const byte = fc.oneof(fc.constantFrom(44, 34, 10, 13, 59), fc.nat(255))
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 300 }), fc.nat(70), fc.nat(255), (array, skip, delimiter) => {
        const bytes = Uint8Array.from(array)
        const from = Math.min(skip, bytes.length)
        expect(Array.from(kernels.indexCsv(bytes, from, bytes.length, delimiter, 34))).toEqual(
          Array.from(twins.indexCsv(bytes, from, bytes.length, delimiter, 34)),
        )
      }),
      { numRuns: 500 },
    )
  })
})

function asBytes(view: Uint32Array): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
}
