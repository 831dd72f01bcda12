import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fault } from '../fault.ts'
import { type OpenedRange, type RangedReader, type RangeRequest, readRanges } from './ranges.ts'

const bytesOf = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, i) => (i * 31) & 255)

interface Line {
  /** Bytes after which each answer breaks off, in turn; undefined: it is whole. */
  readonly cuts?: readonly (number | undefined)[]
  readonly pieceBytes?: number
  readonly etag?: () => string
}

interface Store extends RangedReader {
  readonly asked: RangeRequest[]
  readonly most: () => number
}

function storeOf(bytes: Uint8Array, line: Line, more: Partial<RangedReader> = {}): Store {
  const { cuts = [], pieceBytes = 7, etag = () => 'one' } = line
  const asked: RangeRequest[] = []
  let flying = 0
  let most = 0
  return {
    asked,
    most: () => most,
    rangeBytes: 64,
    concurrency: 3,
    attempts: 3,
    stallMs: 1000,
    faultOf: (cause) =>
      fault({ kind: 'unavailable', code: 'x.broken', why: 'Broken.', fix: 'Again.', cause }),
    async open(request): Promise<OpenedRange | undefined> {
      const cut = cuts[asked.length]
      asked.push(request)
      most = Math.max(most, ++flying)
      await new Promise((resolve) => setImmediate(resolve))
      flying--
      if (request.start >= bytes.length) return undefined
      return { size: bytes.length, etag: etag(), bytes: piecesOf(bytes, request, pieceBytes, cut) }
    },
    ...more,
  }
}

async function* piecesOf(
  bytes: Uint8Array,
  request: RangeRequest,
  pieceBytes: number,
  cut: number | undefined,
): AsyncGenerator<Uint8Array, void, void> {
  const end = Math.min(request.end, bytes.length)
  let sent = 0
  for (let at = request.start; at < end; at += pieceBytes) {
    const piece = bytes.slice(at, Math.min(end, at + pieceBytes))
    if (cut !== undefined && sent + piece.length > cut) throw new Error('broken')
    sent += piece.length
    yield piece
  }
}

async function gather(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = []
  for await (const piece of pieces) all.push(piece)
  return new Uint8Array(Buffer.concat(all))
}

describe('readRanges', () => {
  it('gives exactly the bytes asked for, however large the ranges and wherever they break', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(400),
        fc.nat(450),
        fc.option(fc.nat(450), { nil: undefined }),
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.option(fc.integer({ min: 7, max: 60 }), { nil: undefined }), { maxLength: 3 }),
        async (size, start, end, rangeBytes, concurrency, cuts) => {
          const bytes = bytesOf(size)
          const store = storeOf(bytes, { cuts }, { rangeBytes, concurrency, attempts: 10 })
          const range = end === undefined ? { start } : { start, end }
          const read = await gather(readRanges(range, store))
          expect(read).toEqual(bytes.slice(start, end === undefined ? undefined : Math.max(start, end)))
          expect(store.most()).toBeLessThanOrEqual(concurrency)
          expect(store.asked.every(({ start: from, end: to }) => to - from <= rangeBytes)).toBe(true)
        },
      ),
      { numRuns: 100 },
    )
  })

  it('goes on in the middle of a range', async () => {
    const store = storeOf(bytesOf(60), { cuts: [35] })
    expect(await gather(readRanges({}, store))).toEqual(bytesOf(60))
    expect(store.asked.map(({ start }) => start)).toEqual([0, 35])
  })

  it('gives up after so many failures without a byte, and with the reason', async () => {
    const store = storeOf(bytesOf(60), { cuts: [0, 0, 0, 0, 0] })
    await expect(gather(readRanges({}, store))).rejects.toMatchObject({ code: 'x.broken' })
    expect(store.asked.length).toBe(3)
  })

  it('does not repeat what will not get better', async () => {
    const store = storeOf(
      bytesOf(60),
      { cuts: [0] },
      {
        faultOf: () => fault({ kind: 'auth', code: 'x.denied', why: 'Denied.', fix: 'Ask.' }),
      },
    )
    await expect(gather(readRanges({}, store))).rejects.toMatchObject({ code: 'x.denied' })
    expect(store.asked.length).toBe(1)
  })

  it('notices another version, from the first request on where one is named', async () => {
    let turn = 0
    const changing = storeOf(bytesOf(400), { etag: () => (turn++ < 2 ? 'one' : 'two') })
    await expect(gather(readRanges({}, changing))).rejects.toMatchObject({ code: 'storage.changed' })
    const other = storeOf(bytesOf(10), {})
    await expect(gather(readRanges({ etag: 'two' }, other))).rejects.toMatchObject({
      code: 'storage.changed',
    })
    const shorter = storeOf(bytesOf(0), {})
    await expect(gather(readRanges({ etag: 'one' }, shorter))).rejects.toMatchObject({
      code: 'storage.changed',
    })
  })

  it('breaks off an answer that stands still, and goes on', async () => {
    const bytes = bytesOf(20)
    let turn = 0
    const store = storeOf(
      bytes,
      {},
      {
        stallMs: 30,
        open: ({ start, signal }) =>
          Promise.resolve({
            size: 20,
            etag: 'one',
            bytes: (async function* () {
              yield bytes.slice(start, start + 5)
              if (turn++ === 0)
                await new Promise((_, reject) =>
                  signal.addEventListener('abort', () => reject(new Error('stopped'))),
                )
              yield bytes.slice(start + 5)
            })(),
          }),
      },
    )
    expect(await gather(readRanges({}, store))).toEqual(bytes)
    expect(turn).toBe(2)
  })

  it('ends when its signal is given, and when its reader leaves', async () => {
    const stop = new AbortController()
    stop.abort()
    await expect(gather(readRanges({ signal: stop.signal }, storeOf(bytesOf(60), {})))).rejects.toMatchObject(
      {
        kind: 'aborted',
      },
    )
    const store = storeOf(bytesOf(400), {})
    for await (const _ of readRanges({}, store)) break
    const made = store.asked.length
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(store.asked.length).toBe(made)
  })
})
