import { describe, expect, it } from 'vitest'
import { fault } from '../fault.ts'
import { type RangedReader, readRanges } from './ranges.ts'

const DATA = Uint8Array.from({ length: 1000 }, (_, i) => (i * 7) & 255)

function readerOf(concurrency: number, rangeBytes: number, flaws = 0): RangedReader & { most: number } {
  let left = flaws
  let flying = 0
  const reader = {
    most: 0,
    rangeBytes,
    concurrency,
    attempts: 3,
    stallMs: 5000,
    faultOf: () => fault({ kind: 'unavailable', code: 'test.away', why: 'Away.', fix: 'Wait.' }),
    async open({ start, end }: { readonly start: number; readonly end: number }) {
      reader.most = Math.max(reader.most, ++flying)
      if (start >= DATA.length) return undefined
      async function* bytes(): AsyncGenerator<Uint8Array> {
        const half = start + Math.ceil((Math.min(end, DATA.length) - start) / 2)
        yield DATA.slice(start, half)
        if (left-- > 0) throw new TypeError('the line was cut')
        yield DATA.slice(half, end)
        flying--
      }
      return { size: DATA.length, etag: '1', bytes: bytes() }
    },
  }
  return reader
}

async function all(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const piece of pieces) parts.push(piece)
  return Uint8Array.from(Buffer.concat(parts))
}

describe('readRanges', () => {
  it.each([1, 2, 3, 64])('gives every byte in order with %i request(s) in flight', async (concurrency) => {
    for (const rangeBytes of [1, 7, 100, 999, 1000, 5000]) {
      const reader = readerOf(concurrency, rangeBytes)
      expect(await all(readRanges({}, reader)), `${rangeBytes}`).toEqual(DATA)
      expect(reader.most).toBeLessThanOrEqual(concurrency)
    }
    for (const [start, end] of [
      [0, 1],
      [10, 990],
      [999, 1000],
      [500, 9999],
    ] as const) {
      expect(await all(readRanges({ start, end }, readerOf(concurrency, 64)))).toEqual(DATA.slice(start, end))
    }
    expect(await all(readRanges({ start: 1000 }, readerOf(concurrency, 64)))).toHaveLength(0)
  })

  it.each([1, 4])('goes on in the middle after a cut, with %i in flight', async (concurrency) => {
    expect(await all(readRanges({}, readerOf(concurrency, 100, 2)))).toEqual(DATA)
  })
})
