import { isFault, type StoredObject } from '@omni/spec'
import { describe, expect, it } from 'vitest'
import type { JobFile } from '../../src/sandbox/messages.ts'
import { createThread } from '../../src/sandbox/thread.ts'

const CAPS = { silenceMs: 3000, memoryBytes: 192 * 2 ** 20 }

const fileOf = (name: string): JobFile => ({
  info: { url: `memory:${name}`, name, size: 1, etag: '1', modifiedMs: null, isFolder: false },
  options: {} as JobFile['options'],
})

const object = (stream: StoredObject['stream']): StoredObject => ({
  head: () => Promise.reject(new TypeError('not asked')),
  read: () => Promise.reject(new TypeError('not asked')),
  async *list() {},
  stream,
})

async function outcome(
  way: string,
  signal: AbortSignal = new AbortController().signal,
  stream: StoredObject['stream'] = async function* () {},
): Promise<{ readonly said: string; readonly isAlive: boolean; readonly seconds: number }> {
  const thread = createThread(96, new URL('./rogue.ts', import.meta.url))
  const start = performance.now()
  const options = { signal, caps: CAPS, onBytes: () => undefined }
  const error = await thread
    .run({ kind: 'look', file: fileOf(way) }, object(stream), options)
    .next()
    .catch((reason: unknown) => reason)
  await thread.kill()
  const said = isFault(error) ? `${error.kind} ${error.code} ${error.message}` : String(error)
  return { said, isAlive: thread.isAlive, seconds: (performance.now() - start) / 1000 }
}

describe('a thread that goes wrong is killed within seconds, as a fault without a value', () => {
  it.each([
    ['endless loop', 'data file.decode.timeout'],
    ['objects without end', 'data file.decode.memory'],
    ['buffers without end', 'data file.decode.memory'],
    ['one absurd buffer', 'data file.decode.memory'],
    ['endless recursion', 'data file.decode.memory'],
    ['exit', 'data file.decode.crash'],
    ['throw', 'bug file.decode.unforeseen'],
    ['silence', 'data file.decode.timeout'],
  ])('%s', async (way, expected) => {
    const { said, isAlive, seconds } = await outcome(way)
    expect(said).toContain(expected)
    expect(said).not.toContain('secret-value')
    expect(isAlive).toBe(false)
    expect(seconds).toBeLessThan(20)
  })

  it('is not silent while it waits for the storage', async () => {
    const { said, seconds } = await outcome('ask', undefined, async function* () {
      await new Promise((resolve) => setTimeout(resolve, 5000))
      throw new TypeError('the storage is away')
    })
    expect(said).toContain('the storage is away')
    expect(seconds).toBeGreaterThan(4)
  })

  it('an abort ends it, whatever it does', async () => {
    const { said, seconds } = await outcome('endless loop', AbortSignal.timeout(200))
    expect(said).toContain('aborted run.aborted')
    expect(seconds).toBeLessThan(5)
  })
})
