import { fault } from '@omni/spec'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { delayBefore, parseRetryAfter, type RetryPolicy, withRetry } from './retry.ts'

const policy: RetryPolicy = { retries: 4, baseMs: 500, capMs: 3000, maxRetryAfterMs: 60_000 }
const down = (retryAfterMs?: number) =>
  fault({
    kind: 'unavailable',
    code: 'x',
    why: 'x',
    fix: 'x',
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })

describe('delayBefore', () => {
  it('is between 0 and the doubled, capped base', () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (attempt, r) => {
          const bound = Math.min(3000, 500 * 2 ** (attempt - 1))
          expect(delayBefore(attempt, down(), policy, () => r)).toBeCloseTo(r * bound)
        },
      ),
    ))
  it('ends after the retries, and for what cannot change', () => {
    expect(delayBefore(5, down(), policy, () => 0)).toBeUndefined()
    const final = fault({ kind: 'missing', code: 'x', why: 'x', fix: 'x' })
    expect(delayBefore(1, final, policy, () => 0)).toBeUndefined()
  })
  it('is what the server asks for, up to a bound', () => {
    expect(delayBefore(1, down(59_000), policy, () => 0)).toBe(59_000)
    expect(delayBefore(1, down(61_000), policy, () => 0)).toBeUndefined()
  })
})

describe('withRetry', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
  afterEach(() => void vi.useRealTimers())
  const never = new AbortController().signal

  it('waits longer and longer, then rejects with the last fault', async () => {
    const waits: number[] = []
    const work = vi.fn(() => Promise.reject(down()))
    const run = withRetry(
      work,
      { ...policy, baseMs: 1 },
      never,
      (_f, _n, ms) => waits.push(ms),
      () => 1,
    )
    await expect(run).rejects.toMatchObject({ kind: 'unavailable' })
    expect(waits).toEqual([1, 2, 4, 8])
    expect(work).toHaveBeenCalledTimes(5)
  })
  it('does not repeat what is no fault', async () => {
    const work = vi.fn(() => Promise.reject(new RangeError('bug')))
    await expect(withRetry(work, policy, never)).rejects.toThrow('bug')
    expect(work).toHaveBeenCalledTimes(1)
  })
  it('stops waiting when it is aborted', async () => {
    const controller = new AbortController()
    const run = withRetry(
      () => Promise.reject(down(50_000)),
      policy,
      controller.signal,
      () => queueMicrotask(() => controller.abort()),
    )
    await expect(run).rejects.toMatchObject({ kind: 'aborted' })
  })
})

describe('parseRetryAfter', () => {
  const now = Date.UTC(1994, 10, 6, 8, 49, 0)
  it.each([
    ['120', 120_000],
    [' 0 ', 0],
    ['Sun, 06 Nov 1994 08:49:37 GMT', 37_000],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 37_000],
    ['Sun Nov  6 08:49:37 1994', 37_000],
    ['Sun, 06 Nov 1994 08:48:37 GMT', 0],
    ['-1', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['Mon', undefined],
    [null, undefined],
  ])('%s is %s ms', (header, ms) => expect(parseRetryAfter(header, now)).toBe(ms))
})
