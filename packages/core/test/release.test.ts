import { encodeRows, types } from '@omni/arrow'
import type { Batch, Chunk, Row, Schema } from '@omni/spec'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OmniCollector } from '../src/index.ts'
import { makeRoot, scripted } from './world.ts'

const schema: Schema = {
  fields: [
    { name: 'id', type: types.int64, nullable: true },
    { name: 'note', type: types.utf8, nullable: true },
    { name: 'even', type: types.bool, nullable: true },
  ],
}

function batchOf(from: number, to: number): Batch {
  const rows = Array.from({ length: to - from }, (_, i): Row => {
    const id = from + i
    const note = id % 7 === 0 ? null : id % 3 === 0 ? `mail u${id}@example.com` : `note ${id}`
    return { id: BigInt(id), note, even: id % 5 === 0 ? null : id % 2 === 0 }
  })
  return encodeRows(rows, schema)
}

/** What happens to memory that somebody else writes into. */
function overwrite(batch: Batch): void {
  for (const { validity, offsets, values } of batch.columns) {
    for (const view of [validity, offsets, values]) {
      if (view) new Uint8Array(view.buffer, view.byteOffset, view.byteLength).fill(0xa5)
    }
  }
}

async function digestOf(sizes: readonly number[], lends: boolean): Promise<{ digest: string; open: number }> {
  let open = 0
  const read = async function* (): AsyncGenerator<Chunk> {
    let at = 0
    for (const size of sizes) {
      const batch = batchOf(at, at + size)
      at += size
      open++
      let released = 0
      const release = (): void => {
        expect(++released).toBe(1)
        open--
        overwrite(batch)
      }
      yield lends ? { batch, release } : { batch }
    }
  }
  const snapshot = await new OmniCollector({ root: makeRoot() }).collect(scripted({ read }))
  return { digest: snapshot.digest, open }
}

describe('memory that a source wants back', () => {
  it('is given back once nothing of it is needed, however the chunks and the blocks fall', async () => {
    const size = fc.oneof(fc.constantFrom(0, 1, 16_383, 16_384, 16_385, 40_000), fc.nat(9000))
    await fc.assert(
      fc.asyncProperty(fc.array(size, { maxLength: 6 }), async (sizes) => {
        const { digest, open } = await digestOf(sizes, true)
        expect(digest).toBe((await digestOf(sizes, false)).digest)
        // What is in the last, shorter block need not go back.
        expect(open).toBeLessThanOrEqual(sizes.length)
      }),
      { numRuns: 25 },
    )
  })

  it('goes back chunk by chunk where each is a block', async () => {
    expect((await digestOf([16_384, 16_384, 16_384], true)).open).toBe(0)
    expect((await digestOf([16_384, 16_384, 5], true)).open).toBe(1)
  })
})
