import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPartUpload, type PartWriter } from './parts.ts'

interface Sink extends PartWriter {
  readonly parts: Uint8Array[]
  object: Uint8Array | undefined
  discarded: number
  most: number
}

function sinkOf(fails?: (index: number) => boolean): Sink {
  let flying = 0
  const sink: Sink = {
    parts: [],
    object: undefined,
    discarded: 0,
    most: 0,
    async whole(bytes) {
      sink.object = bytes.slice()
    },
    async part(index, bytes) {
      sink.most = Math.max(sink.most, ++flying)
      await new Promise((resolve) => setImmediate(resolve))
      flying--
      if (fails?.(index)) throw new RangeError('refused')
      sink.parts[index] = bytes
    },
    async finish(parts) {
      expect(sink.parts.length).toBe(parts)
      sink.object = new Uint8Array(Buffer.concat(sink.parts))
    },
    async discard() {
      sink.discarded++
      throw new RangeError('not even that')
    },
  }
  return sink
}

describe('createPartUpload', () => {
  it('makes the same bytes in equal parts, however they came', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 20 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 4 }),
        async (pieces, partBytes, concurrency) => {
          const sink = sinkOf()
          const upload = createPartUpload(sink, { partBytes, concurrency, maxParts: 10_000 })
          for (const piece of pieces) await upload.write(piece)
          await upload.finish()
          const wanted = new Uint8Array(Buffer.concat(pieces))
          expect(sink.object).toEqual(wanted)
          expect(sink.parts.slice(0, -1).every(({ length }) => length === partBytes)).toBe(true)
          expect(sink.parts.length === 0).toBe(wanted.length <= partBytes)
          expect(sink.most).toBeLessThanOrEqual(concurrency)
          await upload.abort()
          expect(sink.discarded).toBe(0)
        },
      ),
    )
  })

  it('says a failure at the next call, and takes away what was sent', async () => {
    const sink = sinkOf((index) => index === 1)
    const upload = createPartUpload(sink, { partBytes: 10, concurrency: 2, maxParts: 100 })
    await expect(
      (async () => {
        await upload.write(new Uint8Array(100))
        await upload.finish()
      })(),
    ).rejects.toThrow('refused')
    await upload.abort()
    await upload.abort()
    expect(sink.discarded).toBe(1)
    expect(sink.object).toBeUndefined()
    await expect(upload.write(new Uint8Array(1))).rejects.toThrow()
  })

  it('refuses more parts than the store takes', async () => {
    const upload = createPartUpload(sinkOf(), { partBytes: 10, concurrency: 2, maxParts: 3 })
    await expect(upload.write(new Uint8Array(100))).rejects.toMatchObject({ code: 'storage.upload.parts' })
  })
})
