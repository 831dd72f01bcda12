import { describe, expect, it } from 'vitest'
import { fault } from '../fault.ts'
import { inLanes } from './lanes.ts'
import { createStoredObject, rangeHeader, wholeSize, withDeadline } from './object.ts'
import { createOnce } from './once.ts'

const TRANSFER = { maxAttempts: 2, concurrency: 2, rangeBytes: 4, partBytes: 4, timeoutMs: 1000 }

describe('an object of a store', () => {
  const bytes = Buffer.from('0123456789')
  const unused = (): never => {
    throw new TypeError('not asked for')
  }

  it('reads by ranges, and gives a failed one as many attempts as options allow, and two', async () => {
    let asked = 0
    const broken = fault({ kind: 'unavailable', code: 'x', why: 'x', fix: 'x', retryAfterMs: 0 })
    const object = (failures: number): ReturnType<typeof createStoredObject> =>
      createStoredObject(
        {
          head: unused,
          list: unused,
          faultOf: () => broken,
          async open({ start, end }) {
            if (asked++ < failures) throw new TypeError('broken')
            const part = bytes.subarray(start, end)
            return {
              size: bytes.length,
              etag: 'e',
              bytes: (async function* () {
                yield part
              })(),
            }
          },
        },
        { ...TRANSFER, concurrency: 1 },
      )
    expect(Buffer.from(await object(3).read({ start: 1, end: 9 })).toString()).toBe('12345678')
    expect(asked).toBe(5)
    asked = 0
    await expect(object(4).read({ start: 1, end: 9 })).rejects.toBe(broken)
    expect(asked).toBe(4)
  })

  it('knows the whole size by the answer to a range, and refuses one that begins elsewhere', () => {
    expect(wholeSize('bytes 3-5/10', 3, 3)).toBe(10)
    expect(wholeSize('bytes 0-5/10', 6, 3)).toBeUndefined()
    expect(wholeSize(undefined, 10, 0)).toBe(10)
    expect(wholeSize(null, 10, 3)).toBeUndefined()
    expect(wholeSize('bytes */10', undefined, 0)).toBeUndefined()
    expect(rangeHeader({ start: 3, end: 6 })).toBe('bytes=3-5')
    expect(rangeHeader({ start: 3, end: Number.POSITIVE_INFINITY })).toBe('bytes=3-')
  })

  it('gives up after a deadline with the code of one, and leaves the signal of the run its own error', async () => {
    const untilStopped = (signal: AbortSignal): Promise<never> =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new TypeError('stopped')), { once: true })
      })
    const run = new AbortController()
    await expect(withDeadline(run.signal, 5, untilStopped)).rejects.toMatchObject({ code: 'ETIMEDOUT' })
    const work = withDeadline(run.signal, 10_000, untilStopped)
    run.abort()
    await expect(work).rejects.toThrow('stopped')
    expect(await withDeadline(new AbortController().signal, 10_000, async () => 7)).toBe(7)
    const failing = withDeadline(new AbortController().signal, 10_000, () =>
      Promise.reject(new TypeError('no')),
    )
    await expect(failing).rejects.toThrow('no')
  })
})

describe('what storages share besides', () => {
  it('makes something once for all who ask, and anew after a failure or when it was taken', async () => {
    let made = 0
    const once = createOnce(async () => {
      made++
      if (made === 1) throw new TypeError('not yet')
      return made
    })
    expect(await once.take()).toBeUndefined()
    const both = await Promise.allSettled([once.get(), once.get()])
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(await Promise.all([once.get(), once.get()])).toEqual([2, 2])
    expect(await once.take()).toBe(2)
    expect(await once.get()).toBe(3)
  })

  it('does every piece of work once, some at a time, and fails with the first failure', async () => {
    let running = 0
    let most = 0
    const done: number[] = []
    await inLanes(
      Array.from({ length: 100 }, (_, index) => index),
      async (item) => {
        most = Math.max(most, ++running)
        await new Promise((resolve) => setImmediate(resolve))
        running--
        done.push(item)
      },
    )
    expect(new Set(done).size).toBe(100)
    expect(done).toHaveLength(100)
    expect(most).toBe(16)
    await inLanes([], () => Promise.reject(new TypeError('never')))
    await expect(inLanes([1, 2], () => Promise.reject(new TypeError('no')))).rejects.toThrow('no')
  })
})
