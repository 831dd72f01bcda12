import { loadKernelsSync } from '@omni/kernels'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readHybrid } from '../../decode/parquet/hybrid.ts'
import { createByteWriter } from '../byte-writer.ts'
import { bitWidth, writeRun } from './rle.ts'

const runs = fc.array(
  fc.tuple(fc.nat(255), fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constantFrom(8, 16, 500))),
  { maxLength: 40 },
)

describe('the RLE and bit-packing hybrid', () => {
  it('gives back runs and packed values of any width', () => {
    const encoder = loadKernelsSync().createPageEncoder()
    fc.assert(
      fc.property(runs, fc.integer({ min: 1, max: 8 }), (parts, width) => {
        const values = Uint8Array.from(
          parts.flatMap(([value, count]) => Array(count).fill(value % 2 ** width)),
        )
        const bytes = encoder.hybrid(values, values.length, width)
        expect(readHybrid(bytes, 0, bytes.length, width, new Uint8Array(values.length))).toEqual(values)
      }),
    )
  })

  it('writes equal values as one run', () => {
    const out = createByteWriter()
    writeRun(1, 1000, 1, out)
    expect([...out.view()]).toEqual([0xd0, 0x0f, 1])
    expect([0, 1, 2, 3, 4, 255, 256].map(bitWidth)).toEqual([0, 1, 2, 2, 3, 8, 9])
  })
})
