import { appendFile, chmod } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type Fault, isFault } from '@omni/spec'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { file } from '../src/index.ts'
import { createContext, createWorld, LIMITS, openLocal, readFile, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.remove())

async function faultOf(work: Promise<unknown>): Promise<Fault> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(isFault(error)).toBe(true)
  return error as Fault
}

describe('building', () => {
  it('does no I/O, names itself after the file, and fails at once on wrong options', () => {
    const names: Record<string, [string, string]> = {
      'data/raw/users.csv': ['flat:users.csv', 'users'],
      'x/my.data.v2.csv.gz': ['flat:my.data.v2.csv.gz', 'my.data.v2'],
      'logs.tar.zst': ['flat:logs.tar.zst', 'logs'],
      's3://bucket/a/events.parquet?X-Signature=secret#x': ['flat:events.parquet', 'events'],
      'C:\\data\\a.ndjson': ['flat:a.ndjson', 'a'],
      '.csv': ['flat:.csv', '.csv'],
      'data/events/*.csv.gz': ['flat:events/*.csv.gz', 'events'],
      '*.csv': ['flat:*.csv', 'files'],
      's3://bucket/day=*/x.csv': ['flat:bucket/day=*/x.csv', 'bucket'],
      'data/events/': ['flat:events', 'events'],
    }
    for (const [path, [label, dataset]] of Object.entries(names)) {
      expect(file(path)).toMatchObject({ label, dataset })
    }
    expect(() => file({ path: '', format: 'word' } as never)).toThrow(/path.*format/s)
    expect(() => file('a.csv', { delimeter: ';' } as never)).toThrow(/delimeter/)
  })
})

describe('position', () => {
  it('is on the last chunk only; an unchanged file yields nothing, a changed one all', async () => {
    const path = await world.write('a.ndjson', '{"a":1}\n{"a":2}\n{"a":3}\n')
    const first = await readFile(path, { limits: { chunkRows: 1 } })
    expect(first).toMatchObject({ chunks: 3, bytes: 24, position: { size: '24' } })
    const again = await readFile(path, { from: first.position as never })
    expect(again).toMatchObject({ chunks: 0, rows: [] })
    await appendFile(path, '{"a":4}\n')
    const changed = await readFile(path, { from: first.position as never })
    expect(changed.rows).toHaveLength(4)
    expect(changed.position).not.toEqual(first.position)
  })

  it('is there for a file without a record', async () => {
    const result = await readFile(await world.write('none.json', '[]'))
    expect(result).toMatchObject({ rows: [], chunks: 1, position: { size: '2' } })
  })

  it('is not there when a limit cut the read short', async () => {
    const path = await world.write('long.ndjson', '{"a":1}\n'.repeat(9))
    const result = await readFile(path, { limit: 3 })
    expect(result).toMatchObject({ position: undefined })
    expect(result.rows).toHaveLength(3)
  })
})

describe('discover and check', () => {
  it('say what was detected', async () => {
    const path = await world.write('a.json.gz', gzipSync('{"a":1}\n{"a":2}\n'))
    const reader = file(path).source.open(file(path).options, createContext())
    const [stream] = await reader.discover()
    expect(stream).toMatchObject({ name: 'a', estimate: { bytes: expect.any(Number) } })
    expect(stream?.notes).toEqual(expect.arrayContaining(['format: ndjson', 'compression: gzip']))
    expect(await reader.check?.()).toMatchObject({ notes: expect.arrayContaining(['format: ndjson']) })
  })
})

describe('faults', () => {
  it('name what is wrong with the file', async () => {
    const empty = await world.write('empty.csv', '')
    const binary = await world.write('noise.bin', Buffer.from([0, 1, 2, 3, 0, 255, 254, 0, 7]))
    const cases: Record<string, [string, string]> = {
      [join(world.folder, 'nothing.csv')]: ['missing', 'file.missing'],
      [join(empty, 'below.csv')]: ['missing', 'file.missing'],
      [await world.write('empty.json', '')]: ['data', 'file.empty'],
      [await world.write('empty.gz', gzipSync(''))]: ['data', 'file.empty'],
      [binary]: ['unsupported', 'file.format.unknown'],
      [await world.write('a.parquet', 'PAR1 cut')]: ['data', 'file.parquet.truncated'],
    }
    for (const [path, [kind, code]] of Object.entries(cases)) {
      expect(await faultOf(readFile(path)), path).toMatchObject({ kind, code })
    }
    expect((await faultOf(readFile(binary))).fix).toContain('--file-format')
  })

  it('say that the file may not be read', async () => {
    const path = await world.write('locked.csv', 'a,b\n')
    await chmod(path, 0)
    await chmod(dirname(path), 0o755)
    // Root may read everything, so it reads as nobody.
    const isRoot = process.getuid?.() === 0
    if (isRoot) process.seteuid?.(65_534)
    try {
      expect(await faultOf(readFile(path))).toMatchObject({ kind: 'auth', code: 'file.permission' })
    } finally {
      if (isRoot) process.seteuid?.(0)
    }
  })

  it('reads a file again that changed while it was read, and gives up on one that keeps changing', async () => {
    const path = await world.write('moving.ndjson', '{"a":1}\n'.repeat(100_000))
    const { source, options } = file(path)
    const request = { signal: new AbortController().signal, limits: { ...LIMITS, chunkRows: 100 } }
    const read = async (touches: number): Promise<[rows: number, restarts: number]> => {
      const reader = source.open(options, createContext())
      try {
        const [stream] = await reader.discover()
        let rows = 0
        let restarts = 0
        let isTouched = false
        for await (const chunk of reader.read(stream as never, undefined, request)) {
          if ('restart' in chunk) {
            restarts++
            rows = 0
            isTouched = false
            continue
          }
          rows += 'rows' in chunk ? chunk.rows.length : (chunk.batch as { rows: number }).rows
          if (!isTouched && restarts < touches) await appendFile(path, '{"a":2}\n')
          isTouched = true
        }
        return [rows, restarts]
      } finally {
        await reader.close?.()
      }
    }
    expect(await read(1)).toEqual([100_001, 1])
    expect(await faultOf(read(99))).toMatchObject({
      kind: 'unavailable',
      code: 'file.changed',
      retryable: true,
    })
  })

  it('a storage that ends too early is no end', async () => {
    const path = await world.write('short.ndjson', '{"a":1}\n'.repeat(100_000))
    const real = openLocal(path)
    const short = { ...real, stream: () => real.stream({ end: 400_000 }) }
    expect(await faultOf(readFile(path, { context: { storage: () => short } }))).toMatchObject({
      kind: 'unavailable',
      code: 'file.short',
    })
  })

  it('an abort ends the read as aborted', async () => {
    const path = await world.write('aborted.ndjson', '{"a":1}\n'.repeat(100_000))
    const controller = new AbortController()
    const { source, options } = file(path)
    const reader = source.open(options, createContext({ signal: controller.signal }))
    const [stream] = await reader.discover()
    const work = async (): Promise<void> => {
      const request = { signal: controller.signal, limits: { ...LIMITS, chunkRows: 100 } }
      for await (const _ of reader.read(stream as never, undefined, request)) controller.abort()
    }
    expect(await faultOf(work())).toMatchObject({ kind: 'aborted' })
  })

  it('come from what the system says', async () => {
    const failing = {
      ...openLocal('/'),
      head: () => Promise.reject(Object.assign(new Error('x'), { code: 'EIO' })),
    }
    const work = readFile('a.csv', { context: { storage: () => failing } })
    expect(await faultOf(work)).toMatchObject({ kind: 'unavailable', code: 'file.io' })
    expect(file.source.classify?.({ code: 'EIO' })).toMatchObject({ kind: 'unavailable' })
    expect(file.source.classify?.(new Error('unknown'))).toBeUndefined()
  })
})
