import { appendFileSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createContext, DEFAULT_LIMITS, SILENT_LOG } from './context.ts'
import { localObject } from './local-object.ts'

function makeFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'omni-object-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const bytesOf = async (pieces: AsyncIterable<Uint8Array>): Promise<string> =>
  Buffer.concat(await Array.fromAsync(pieces)).toString()

describe('a local object', () => {
  it('gives its bytes, whole and by range, by path and by URL', async () => {
    const file = path.join(makeFolder(), 'a b#é.txt')
    writeFileSync(file, '0123456789')
    for (const object of [
      localObject(file),
      localObject(pathToFileURL(file).href),
      localObject(path.relative('.', file)),
    ]) {
      expect(await bytesOf(object.stream())).toBe('0123456789')
      expect(await bytesOf(object.stream({ start: 3, end: 5 }))).toBe('34')
      expect(await bytesOf(object.stream({ start: 8 }))).toBe('89')
      expect(await bytesOf(object.stream({ start: 5, end: 5 }))).toBe('')
      expect(Buffer.from(await object.read({ start: 8, end: 20 })).toString()).toBe('89')
      expect(Buffer.from(await object.read({ start: 20, end: 30 })).toString()).toBe('')
    }
  })

  it('takes as much memory as the file has bytes, and gives what is added while it is read', async () => {
    const file = path.join(makeFolder(), 'small')
    writeFileSync(file, '0123456789')
    for (const reuse of [false, true]) {
      const [piece] = await Array.fromAsync(localObject(file).stream({ reuse }))
      expect(piece?.buffer.byteLength).toBeLessThan(65_536)
    }
    let read = ''
    for await (const piece of localObject(file).stream({ reuse: true })) {
      if (read === '') appendFileSync(file, 'x'.repeat(100_000))
      read += Buffer.from(piece).toString()
    }
    // One piece was read ahead, before there was more.
    expect(['', 'x'.repeat(100_000)]).toContain(read.slice(10))
    expect(await bytesOf(localObject(file).stream({ reuse: true }))).toBe(`0123456789${'x'.repeat(100_000)}`)
  })

  it('has an ETag that changes with size and time, and lists what is below it in byte order', async () => {
    const folder = makeFolder()
    mkdirSync(path.join(folder, 'b'))
    for (const name of ['b/x', 'a', 'Z', 'ä']) writeFileSync(path.join(folder, name), 'x')
    const { etag, name, size, isFolder } = await localObject(path.join(folder, 'a')).head()
    expect([name, size, isFolder]).toEqual(['a', 1, false])
    expect(etag).toMatch(/^1-\d{19}-\d+$/)
    utimesSync(path.join(folder, 'a'), 1, 1)
    expect((await localObject(path.join(folder, 'a')).head()).etag).not.toBe(etag)
    expect((await localObject(folder).head()).isFolder).toBe(true)
    const urls = (await Array.fromAsync(localObject(folder).list())).map(({ url }) =>
      url.slice(pathToFileURL(folder).href.length),
    )
    expect(urls).toEqual(['/%C3%A4', '/Z', '/a', '/b/x'])
  })

  it('fails by fault: missing, a folder, stopped', async () => {
    const folder = makeFolder()
    const missing = localObject(path.join(folder, 'none.csv'))
    for (const work of [
      () => missing.head(),
      () => bytesOf(missing.stream()),
      () => missing.read({ start: 0, end: 1 }),
      () => Array.fromAsync(missing.list()),
    ]) {
      await expect(work()).rejects.toMatchObject({ kind: 'missing', code: 'file.missing' })
    }
    await expect(bytesOf(localObject(folder).stream())).rejects.toMatchObject({
      kind: 'config',
      code: 'file.path',
    })
    writeFileSync(path.join(folder, 'f'), 'x')
    const signal = AbortSignal.abort()
    await expect(bytesOf(localObject(path.join(folder, 'f')).stream({ signal }))).rejects.toMatchObject({
      kind: 'aborted',
    })
  })
})

describe('the context', () => {
  it('redacts what a source logs, and names the package of a store that is missing', () => {
    const said: string[] = []
    const log = { ...SILENT_LOG, info: (message: string) => void said.push(message) }
    const redact = (text: string): string => text.replace('secret', '[redacted]')
    const { context } = createContext({
      signal: AbortSignal.abort(),
      log,
      now: () => 7,
      redact,
      storages: [],
    })
    context.log.info('a secret')
    expect(said).toEqual(['a [redacted]'])
    expect(context.limits).toBe(DEFAULT_LIMITS)
    expect(() => context.storage('s3://bucket/x')).toThrow(/Install @omni\/storage-s3/)
    expect(() => context.storage('ftp://host/x')).toThrow(/ftp: addresses/)
  })
})
