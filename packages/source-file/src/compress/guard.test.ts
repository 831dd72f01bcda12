import { isFault } from '@omni/spec'
import { describe, expect, it } from 'vitest'
import { meter, unpackMeasured, unpackMember } from './guard.ts'

const MIB = new Uint8Array(1 << 20)

/** What makes so many bytes of each, without the work. */
function grow(times: number): (source: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array> {
  return async function* growing(source) {
    for await (const piece of source) {
      for (let left = piece.length * times; left > 0; left -= MIB.length)
        yield MIB.subarray(0, Math.min(left, MIB.length))
    }
  }
}

async function* give(bytes: number): AsyncGenerator<Uint8Array, void, void> {
  for (let left = bytes; left > 0; left -= 65_536) yield MIB.subarray(0, Math.min(left, 65_536))
}

async function measure(source: AsyncIterable<Uint8Array>): Promise<string> {
  let bytes = 0
  try {
    for await (const piece of source) bytes += piece.length
    return `${bytes / 2 ** 20} MiB`
  } catch (error) {
    return isFault(error) ? `${error.code} after ${Math.round(bytes / 2 ** 20)} MiB` : String(error)
  }
}

describe('the rule for bombs', () => {
  it('lets grow what grows 250 times, and little things as they like', async () => {
    expect(await measure(unpackMeasured(give(4 << 20), grow(200)))).toBe('800 MiB')
    expect(await measure(unpackMeasured(give(1 << 10), grow(200_000)))).toBe('195.3125 MiB')
    expect(await measure(unpackMeasured(give(1 << 20), grow(1000)))).toMatch(/^file\.bomb after \d+ MiB$/)
  })

  it('multiplies the ratios of what is inside each other', async () => {
    const twice = unpackMeasured(unpackMeasured(give(1 << 20), grow(20)), grow(20))
    expect(await measure(twice)).toMatch(/^file\.bomb after (?:25|26)\d MiB$/)
    const archive = meter(() => unpackMeasured(give(1 << 20), grow(100)))
    expect(await measure(archive.open())).toBe('100 MiB')
    expect(archive.ratio()).toBe(100)
    const member = unpackMember(give(100 << 20), (100 << 20) / archive.ratio())
    expect(await measure(unpackMeasured(member, grow(9)))).toMatch(/^file\.bomb/)
    expect(await measure(unpackMember(give(300 << 20), 2 << 20))).toBe('300 MiB')
  })
})
