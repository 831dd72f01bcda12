import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, zstdCompressSync } from 'node:zlib'
import { isFault } from '@omni/spec'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createSamples, gather, hasTool, inPieces, runPython, runTool } from '../../test/packers.ts'
import { overlappingBomb, type RawEntry, rawZip } from '../../test/zip-bombs.ts'
import { holdInMemory } from '../memory.ts'
import type { Member } from './member.ts'
import { listZip } from './zip.ts'

async function list(bytes: Uint8Array): Promise<readonly Member[]> {
  const { object, size } = await holdInMemory(() => inPieces(bytes), 'a.zip')
  return listZip(object, size, new AbortController().signal)
}

async function contents(bytes: Uint8Array): Promise<Record<string, Buffer>> {
  const found: Record<string, Buffer> = {}
  for (const member of await list(bytes)) found[member.name] = await gather(member.open())
  return found
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no fault',
    (error: unknown) => {
      if (!isFault(error)) throw error
      return error.code
    },
  )

const DATA = createSamples(100_000)['text']!

const PYTHON = `
import sys, io, zipfile
data = sys.stdin.buffer.read(); out = io.BytesIO()
z = zipfile.ZipFile(out, 'w', getattr(zipfile, sys.argv[1]))
z.writestr('a.csv', data); z.writestr('d/', ''); z.writestr('d/ü.csv', data[:10])
with z.open('streamed.csv', 'w', force_zip64=True) as f: f.write(data)
z.close(); sys.stdout.buffer.write(out.getvalue())
`

describe('zip', () => {
  it.each(['ZIP_STORED', 'ZIP_DEFLATED', 'ZIP_BZIP2', 'ZIP_LZMA'])(
    'reads what Python packs with %s',
    async (method) => {
      const bytes = runPython(PYTHON, DATA, [method])
      if (!bytes) return
      const found = await contents(bytes)
      expect(Object.keys(found)).toEqual(['a.csv', 'd/ü.csv', 'streamed.csv'])
      expect(found['a.csv']?.equals(DATA) && found['streamed.csv']?.equals(DATA)).toBe(true)
    },
  )

  it('reads zstd and xz members', async (ctx) => {
    const xz = runTool('xz', ['-c'], DATA)
    if (!xz) return ctx.skip('there is no xz program')
    const bytes = rawZip([
      { name: 'a', method: 93, data: DATA, packed: zstdCompressSync(DATA) },
      { name: 'b', method: 95, data: DATA, packed: xz },
    ])
    const found = await contents(bytes)
    expect(found['a']?.equals(DATA) && found['b']?.equals(DATA)).toBe(true)
  })

  it('reads what zip streams, with a data descriptor, and what it appends', async (ctx) => {
    const bytes = runTool('zip', ['-q', '-', '-'], DATA)
    if (!bytes) return ctx.skip('there is no zip program')
    expect((await contents(bytes))['-']?.equals(DATA)).toBe(true)
  })

  it('leaves links and folders out, and tells names by their encoding', async () => {
    const raw = Buffer.from([0x81, 0x2e, 0x63, 0x73, 0x76])
    const path = Buffer.concat([
      Buffer.from([0x75, 0x70, 14, 0, 1]),
      Buffer.alloc(4),
      Buffer.from('日本.csv').subarray(0, 9),
    ])
    path.writeUInt32LE(crc32(raw), 5)
    path.writeUInt16LE(path.length - 4, 2)
    const bytes = rawZip([
      { name: 'link', attributes: 0xa1ff0000, data: Buffer.from('/etc/passwd') },
      { name: 'd/' },
      { name: raw, flags: 0, data: DATA },
      { name: raw, flags: 0, extra: path },
      { name: raw, flags: 0 },
      { name: 'd\\e.csv', data: DATA },
    ])
    expect((await list(bytes)).map(({ name }) => name)).toEqual(['ü.csv', '日本.cs', 'ü (2).csv', 'd/e.csv'])
  })

  it('knows times with a zone', async () => {
    const time = Buffer.from([0x55, 0x54, 5, 0, 1, 0, 0, 0, 0])
    time.writeInt32LE(1_748_599_200, 5)
    const members = await list(rawZip([{ name: 'a', extra: time }, { name: 'b' }]))
    expect(members.map(({ modifiedMs }) => modifiedMs)).toEqual([1_748_599_200_000, undefined])
  })

  it('refuses lies about sizes, checksums, places and methods', async () => {
    const data = Buffer.from('hello world '.repeat(100))
    for (const [change, code] of [
      [{ crc: 1 }, 'file.zip.corrupt'],
      [{ size: 5 }, 'file.zip.corrupt'],
      [{ size: 5_000_000 }, 'file.zip.corrupt'],
      [{ packedSize: 5 }, 'file.zip.corrupt'],
      [{ packedSize: 90_000 }, 'file.zip.corrupt'],
      [{ offset: 3 }, 'file.zip.corrupt'],
      [{ method: 0, size: 9 }, 'file.zip.corrupt'],
      [{ packed: Buffer.from('no deflate') }, 'file.zip.corrupt'],
      [{ method: 1 }, 'file.zip.unsupported'],
      [{ flags: 1 }, 'file.zip.encrypted'],
      [{ method: 99, flags: 1 }, 'file.zip.encrypted'],
      [{ flags: 0x41 }, 'file.zip.encrypted'],
      [{ extra: Buffer.from([1, 0, 9, 0, 1]) }, 'file.zip.corrupt'],
      [{ size: 0xffffffff, extra: Buffer.from([1, 0, 2, 0, 1, 2]) }, 'file.zip.corrupt'],
    ] as readonly (readonly [Partial<RawEntry>, string])[]) {
      expect(await codeOf(contents(rawZip([{ name: 'a', data, ...change }]))), JSON.stringify(change)).toBe(
        code,
      )
    }
  })

  it('refuses names that lead away, of folders and links too', async () => {
    for (const name of ['../a', '/a', 'a/../../b', 'C:\\a', '..\\a', 'a\0b', '\\\\server\\a', '../d/']) {
      expect(await codeOf(list(rawZip([{ name }]))), name).toBe('file.zip.path')
    }
  })

  it('refuses entries that lie on each other', async () => {
    const bomb = overlappingBomb(1000)
    expect(await codeOf(list(bomb))).toBe('file.bomb')
    const inner = rawZip([{ name: 'x', data: DATA }])
    const quoted = rawZip([
      { name: 'a', method: 0, data: inner },
      { name: 'b', data: DATA, offset: 31, isOnlyListed: true },
    ])
    expect(await codeOf(list(quoted))).toBe('file.bomb')
  })

  it('refuses more entries than a million by what the end says, and lists 200,000 in bounded time', async () => {
    const many = rawZip([{ name: 'a' }], { count: 3_000_000, zip64: true })
    expect(await codeOf(list(many))).toBe('file.zip.corrupt')
    const entries = Array.from({ length: 200_000 }, (_, i) => ({ name: `${i}`, packed: Buffer.from([3, 0]) }))
    const bytes = rawZip(entries, { zip64: true })
    const started = performance.now()
    const before = process.memoryUsage().heapUsed
    const members = await list(bytes)
    const mib = (process.memoryUsage().heapUsed - before) / 2 ** 20
    console.log(
      `zip: 200,000 entries listed in ${Math.round(performance.now() - started)} ms, ${Math.round(mib)} MiB`,
    )
    expect(members.length).toBe(200_000)
    // Old writers let the count overflow.
    expect((await list(rawZip(entries.slice(0, 70_000)))).length).toBe(70_000)
    expect(await codeOf(list(rawZip(entries.slice(0, 9), { count: 8 })))).toBe('file.zip.corrupt')
  })

  it('finds the one end of an archive, under any comment', async () => {
    const comment = Buffer.alloc(65_535, 0x50)
    expect((await list(rawZip([{ name: 'a' }], { comment }))).length).toBe(1)
    const other = rawZip([{ name: 'b' }])
    expect(await codeOf(list(rawZip([{ name: 'a' }], { comment: other.subarray(-22) })))).not.toBe(
      'file.truncated',
    )
    const whole = rawZip([{ name: 'a', data: DATA }])
    expect(await codeOf(list(Buffer.concat([whole, Buffer.from('more')])))).toBe('file.zip.corrupt')
    for (const length of [10, 100, whole.length - 30, whole.length - 1]) {
      expect(await codeOf(list(whole.subarray(0, length)))).toMatch(/^file\.(?:truncated|zip\.corrupt)$/)
    }
  })

  it('never gives other data for a damaged archive', async () => {
    const whole = rawZip([
      { name: 'a', data: DATA.subarray(0, 500) },
      { name: 'b', data: DATA.subarray(500, 700) },
    ])
    for (let at = 0; at < whole.length; at++) {
      const damaged = Buffer.from(whole)
      damaged[at] = damaged[at]! ^ (1 << (at & 7))
      const found = await contents(damaged).catch((error: unknown) => {
        if (!isFault(error)) throw error
        return {} as Record<string, Buffer>
      })
      for (const data of Object.values(found)) {
        expect(data.equals(DATA.subarray(0, 500)) || data.equals(DATA.subarray(500, 700)), `byte ${at}`).toBe(
          true,
        )
      }
    }
  })
})

/** Deflate64 with the fixed codes: literals, and matches of up to 65,538 bytes. */
function pack64(data: Uint8Array): Buffer {
  const bits: number[] = []
  const put = (value: number, count: number): void => {
    for (let i = 0; i < count; i++) bits.push((value >> i) & 1)
  }
  const code = (value: number, count: number): void => {
    for (let i = count - 1; i >= 0; i--) bits.push((value >> i) & 1)
  }
  const symbol = (value: number): void => {
    if (value < 144) code(0x30 + value, 8)
    else if (value < 256) code(0x190 + value - 144, 9)
    else if (value < 280) code(value - 256, 7)
    else code(0xc0 + value - 280, 8)
  }
  put(1, 1)
  put(1, 2)
  for (let at = 0; at < data.length; ) {
    let length = 0
    // Distance 49,153 and more is what only Deflate64 has; 1 repeats the byte before.
    const far = 60_000
    const distance = at >= far && data[at - far] === data[at] ? far : 1
    if (at >= distance)
      while (
        length < 65_538 &&
        data[at + length] === data[at + length - distance] &&
        at + length < data.length
      )
        length++
    if (length < 3) {
      symbol(data[at++]!)
      continue
    }
    symbol(285)
    put(length - 3, 16)
    if (distance === 1) code(0, 5)
    else {
      code(31, 5)
      put(far - 49_153, 14)
    }
    at += length
  }
  symbol(256)
  while (bits.length % 8 !== 0) bits.push(0)
  return Buffer.from(
    Array.from({ length: bits.length / 8 }, (_, i) =>
      bits.slice(i * 8, i * 8 + 8).reduce((byte, bit, j) => byte | (bit << j), 0),
    ),
  )
}

describe('deflate64', () => {
  it('gives what unzip gives', async (ctx) => {
    if (!hasTool('unzip')) return ctx.skip('there is no unzip program')
    const folder = mkdtempSync(join(tmpdir(), 'omni-deflate64-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const samples = createSamples(90_000)
    for (const [kind, data] of Object.entries({
      ...samples,
      again: Buffer.concat([samples['noise']!, samples['noise']!]),
    })) {
      const bytes = rawZip([{ name: 'a', method: 9, data, packed: pack64(data) }])
      writeFileSync(join(folder, 'a.zip'), bytes)
      const theirs = execFileSync('unzip', ['-p', join(folder, 'a.zip')], { maxBuffer: 1 << 28 })
      expect(theirs.equals(data), kind).toBe(true)
      expect((await contents(bytes))['a']?.equals(data), kind).toBe(true)
    }
  })

  it('reads what deflate writes, which is the same up to 257 bytes at once', async () => {
    const { deflateRawSync } = await import('node:zlib')
    const data = Buffer.from(DATA.toString().replace(/(.{40})/g, '$1$1'))
    for (const level of [0, 1, 9]) {
      const packed = deflateRawSync(data, { level, memLevel: 1 })
      expect((await contents(rawZip([{ name: 'a', method: 9, data, packed }])))['a']?.equals(data)).toBe(true)
      const cut = rawZip([{ name: 'a', method: 9, data, packed: packed.subarray(0, -9) }])
      expect(await codeOf(contents(cut))).toBe('file.zip.corrupt')
    }
  })
})
