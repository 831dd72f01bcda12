import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readHybrid } from '../../decode/parquet/hybrid.ts'
import { createByteWriter } from '../byte-writer.ts'
import { bitWidth, writeHybrid } from './rle.ts'

const runs = fc.array(
  fc.tuple(fc.nat((1 << 17) - 1), fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constantFrom(8, 16, 500))),
  { maxLength: 40 },
)

describe('the RLE and bit-packing hybrid', () => {
  it('gives back runs and packed values of any width', () => {
    fc.assert(
      fc.property(runs, fc.integer({ min: 1, max: 17 }), (parts, width) => {
        const values = Int32Array.from(
          parts.flatMap(([value, count]) => Array(count).fill(value % 2 ** width)),
        )
        const out = createByteWriter(8)
        writeHybrid(values, values.length, width, out)
        const bytes = out.view()
        expect(readHybrid(bytes, 0, bytes.length, width, new Int32Array(values.length))).toEqual(values)
      }),
    )
  })

  it('matches the example of the specification', () => {
    const out = createByteWriter()
    writeHybrid(Int32Array.of(0, 1, 2, 3, 4, 5, 6, 7), 8, 3, out)
    // The header says one group of eight; the bytes are those of the Parquet encodings page.
    expect([...out.view()]).toEqual([0b11, 0b10001000, 0b11000110, 0b11111010])
  })

  it('writes equal values as one run', () => {
    const out = createByteWriter()
    writeHybrid(new Uint8Array(1000).fill(1), 1000, 1, out)
    expect([...out.view()]).toEqual([0xd0, 0x0f, 1])
    expect([0, 1, 2, 3, 4, 255, 256].map(bitWidth)).toEqual([0, 1, 2, 2, 3, 8, 9])
  })
})
