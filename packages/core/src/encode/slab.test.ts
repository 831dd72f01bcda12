import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyTable, batchOf } from '../../test/columns-arbitrary.ts'
import { writeBlock } from '../digest/index.ts'
import { blockAt, createSlabPool, placeBlock, placedBytes } from './slab.ts'

describe('slabs', () => {
  it('hold a block as it is, behind another, in the room that was said', () => {
    fc.assert(
      fc.property(anyTable(), fc.nat(5), (table, skip) => {
        const block = batchOf(table, true)
        const start = skip * 8
        const slab = new SharedArrayBuffer(start + placedBytes(block))
        const { layout, end } = placeBlock(block, slab, start)
        expect(end).toBe(slab.byteLength)
        const bytes = (batch: typeof block): string => {
          const parts: Buffer[] = []
          writeBlock(batch, (piece) => parts.push(Buffer.from(piece)))
          return Buffer.concat(parts).toString('hex')
        }
        expect(bytes(blockAt(layout, table.schema))).toBe(bytes(block))
      }),
    )
  })

  it('go round, also those of blocks that are wider than usual', () => {
    const pool = createSlabPool(1 << 20)
    const usual = pool.take(5)
    const wide = pool.take((3 << 20) + 1)
    expect(usual.byteLength).toBe(1 << 20)
    expect(pool.take(5)).not.toBe(usual)
    pool.give(usual)
    pool.give(wide)
    expect(pool.take(1 << 20)).toBe(usual)
    expect(pool.take((3 << 20) + 99)).toBe(wide)
    pool.give(wide)
    const wider = pool.take(wide.byteLength + 1)
    expect(wider.byteLength).toBeGreaterThan(wide.byteLength)
    expect(pool.take(wide.byteLength)).not.toBe(wide)
  })
})
