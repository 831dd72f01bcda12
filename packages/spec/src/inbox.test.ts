import { describe, expect, it } from 'vitest'
import { isFault } from './fault.ts'
import { createInbox } from './inbox.ts'

const drain = async <T>(inbox: AsyncIterable<T>): Promise<T[]> => {
  const out: T[] = []
  for await (const item of inbox) out.push(item)
  return out
}

describe('createInbox', () => {
  it('gives items in order, also those pushed before the end', async () => {
    const inbox = createInbox<number>({ maxItems: 3 })
    inbox.push(1)
    inbox.push(2)
    inbox.end()
    inbox.push(3)
    expect(await drain(inbox)).toEqual([1, 2])
  })

  it('says stop at the bound, and drained when there is room again', async () => {
    const inbox = createInbox<number>({ maxItems: 2 })
    expect(inbox.push(1)).toBe(true)
    expect(inbox.push(2)).toBe(false)
    let drained = false
    const waiting = inbox.drained().then(() => {
      drained = true
    })
    await Promise.resolve()
    expect(drained).toBe(false)
    const reader = inbox[Symbol.asyncIterator]()
    await reader.next()
    await waiting
    expect(drained).toBe(true)
  })

  it('refuses to grow past its slack', async () => {
    const inbox = createInbox<number>({ maxItems: 1, slack: 1 })
    inbox.push(1)
    inbox.push(2)
    expect(inbox.push(3)).toBe(false)
    const seen: number[] = []
    const failure = await (async () => {
      for await (const item of inbox) seen.push(item)
    })().catch((error: unknown) => error)
    expect(seen).toEqual([1, 2])
    expect(isFault(failure) && failure.code).toBe('inbox.overrun')
  })

  it('wakes a waiting reader and waiting writers on failure', async () => {
    const inbox = createInbox<number>({ maxItems: 1 })
    const reading = drain(inbox).catch((error: unknown) => error)
    inbox.fail('broken')
    await inbox.drained()
    expect(await reading).toBe('broken')
  })

  it('ends with the fault aborted when its signal does', async () => {
    const stop = new AbortController()
    const inbox = createInbox<number>({ maxItems: 1, signal: stop.signal })
    const reading = drain(inbox).catch((error: unknown) => error)
    stop.abort()
    const failure = await reading
    expect(isFault(failure) && failure.kind).toBe('aborted')
  })

  it('keeps order over many items and many wake-ups', async () => {
    const inbox = createInbox<number>({ maxItems: 8 })
    const writing = (async () => {
      for (let i = 0; i < 10_000; i++) if (!inbox.push(i)) await inbox.drained()
      inbox.end()
    })()
    const got = await drain(inbox)
    await writing
    expect(got).toEqual(Array.from({ length: 10_000 }, (_, i) => i))
  })
})
