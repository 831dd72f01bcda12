import { setTimeout as sleep } from 'node:timers/promises'
import { type Fault, isFault, stopped } from '@omni/spec'

export interface RetryPolicy {
  /** Attempts after the first. */
  readonly retries: number
  readonly baseMs: number
  /** Longest wait of the back-off. */
  readonly capMs: number
  /** Longest `Retry-After` that is waited for; above it the fault goes out. */
  readonly maxRetryAfterMs: number
}

/**
 * Milliseconds before attempt `attempt` (1 is the first repetition): exponential with full jitter, never less
 * than the server asked for. Undefined: do not try again.
 */
export function delayBefore(
  attempt: number,
  failure: Fault,
  policy: RetryPolicy,
  random: () => number,
): number | undefined {
  const { retryAfterMs } = failure
  if (!failure.retryable || attempt > policy.retries) return undefined
  if (retryAfterMs !== undefined) return retryAfterMs > policy.maxRetryAfterMs ? undefined : retryAfterMs
  return random() * Math.min(policy.capMs, policy.baseMs * 2 ** (attempt - 1))
}

/** Runs `work` until it succeeds, its fault is final, or the attempts are used up. */
export async function withRetry<T>(
  work: () => Promise<T>,
  policy: RetryPolicy,
  signal: AbortSignal,
  onWait: (failure: Fault, attempt: number, delayMs: number) => void = () => {},
  random: () => number = Math.random,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    if (signal.aborted) throw stopped()
    try {
      return await work()
    } catch (error) {
      if (signal.aborted) throw stopped()
      const delayMs = isFault(error) ? delayBefore(attempt, error, policy, random) : undefined
      if (delayMs === undefined) throw error
      onWait(error as Fault, attempt, delayMs)
      await sleep(delayMs, undefined, { signal }).catch(() => {
        throw stopped()
      })
    }
  }
}

/** Milliseconds to wait by a `Retry-After` header: seconds or an HTTP date (RFC 9110, section 10.2.3). */
export function parseRetryAfter(header: string | null, nowMs: number): number | undefined {
  const text = header?.trim() ?? ''
  if (/^\d+$/.test(text)) return Number(text) * 1000
  // All three date forms of RFC 9110, section 5.6.7, begin with a weekday; Date.parse would take much else.
  if (!/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(text)) return undefined
  // The asctime form names no zone; it is UTC.
  const dateMs = Date.parse(/GMT$/.test(text) ? text : `${text} GMT`)
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs)
}
