import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { iterateUntilAborted } from './iterate.ts'

describe('iterateUntilAborted', () => {
  it('keeps no item alive after the next one', async () => {
    setFlagsFromString('--expose-gc')
    const collectGarbage = runInNewContext('gc') as () => void
    async function* items(): AsyncGenerator<Uint8Array> {
      for (let i = 0; i < 64; i++) yield new Uint8Array(4 << 20)
    }
    const before = process.memoryUsage().arrayBuffers
    let most = 0
    for await (const item of iterateUntilAborted(items(), new AbortController().signal)) {
      expect(item.length).toBe(4 << 20)
      collectGarbage()
      most = Math.max(most, process.memoryUsage().arrayBuffers - before)
    }
    expect(most).toBeLessThan(64 << 20)
  })

  it('tells the source to stop when the reader stops, and passes on what it throws', async () => {
    let returned = 0
    async function* items(): AsyncGenerator<number> {
      try {
        yield 1
        yield 2
        throw new RangeError('from the source')
      } finally {
        returned++
      }
    }
    const { signal } = new AbortController()
    for await (const item of iterateUntilAborted(items(), signal)) if (item === 1) break
    expect(returned).toBe(1)
    await expect(Array.fromAsync(iterateUntilAborted(items(), signal))).rejects.toThrow('from the source')
    expect(returned).toBe(2)
  })

  it('ends with the fault aborted, also when the source hangs or the signal came first', async () => {
    const hanging: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }),
    }
    const stop = new AbortController()
    const reading = Array.fromAsync(iterateUntilAborted(hanging, stop.signal))
    stop.abort()
    await expect(reading).rejects.toMatchObject({ kind: 'aborted' })
    await expect(Array.fromAsync(iterateUntilAborted(hanging, stop.signal))).rejects.toMatchObject({
      kind: 'aborted',
    })
  })
})
