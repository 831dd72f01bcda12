import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import type { Fault } from '@omni/spec'
import { pack } from 'tar-stream'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { createWorld, openHandles, readFile, type World } from './world.ts'
import { zipOf } from './zip-writer.ts'

let world: World
afterEach(async () => {
  // Closing goes on for a turn after the reader has its fault.
  await vi.waitFor(() => expect(openHandles.size).toBe(0))
})
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.remove())

const LINES = '{"a":1}\n{"a":2}\n'
const ROWS = [{ a: 1 }, { a: 2 }]

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'no fault',
    (error: Fault) => `${error.kind} ${error.code}`,
  )
}

async function tarOf(files: Record<string, string>, type: 'file' | 'symlink' = 'file'): Promise<Buffer> {
  const archive = pack()
  for (const [name, text] of Object.entries(files)) {
    if (name.endsWith('/')) archive.entry({ name, type: 'directory' })
    else if (type === 'symlink') archive.entry({ name, type, linkname: '/etc/passwd' })
    else archive.entry({ name }, text)
  }
  archive.finalize()
  const parts: Uint8Array[] = []
  for await (const part of archive) parts.push(part as Uint8Array)
  return Buffer.concat(parts)
}

describe('gzip', () => {
  it('reads one member, many, an empty one, and zeros after them', async () => {
    const many = Buffer.concat([gzipSync('{"a":1}\n'), gzipSync(''), gzipSync('{"a":2}\n')])
    for (const [name, bytes] of Object.entries({
      'one.ndjson.gz': gzipSync(LINES),
      'many.gz': many,
      'padded.gz': Buffer.concat([many, Buffer.alloc(512)]),
      'named-otherwise.bin': gzipSync(LINES),
      'twice.gz.gz': gzipSync(gzipSync(LINES)),
    })) {
      expect((await readFile(await world.write(name, bytes))).rows, name).toEqual(ROWS)
    }
  })

  it('refuses it cut off anywhere, with something behind it, and damaged', { timeout: 180_000 }, async () => {
    const bytes = gzipSync(LINES.repeat(50))
    for (const length of [3, 12, 20, bytes.length - 9, bytes.length - 1]) {
      const path = await world.write(`cut-${length}.gz`, bytes.subarray(0, length))
      expect(await codeOf(readFile(path)), `${length} bytes`).toBe('data file.truncated')
    }
    const second = await world.write('second.gz', Buffer.concat([bytes, gzipSync('x').subarray(0, 5)]))
    expect(await codeOf(readFile(second))).toBe('data file.truncated')
    for (const rest of [Buffer.from('garbage'), Buffer.concat([Buffer.alloc(9), Buffer.from('g')])]) {
      const path = await world.write('rest.gz', Buffer.concat([bytes, rest]))
      expect(await codeOf(readFile(path))).toBe('data file.trailing')
    }
    const flipped = Buffer.from(bytes)
    flipped[flipped.length - 6] = (flipped[flipped.length - 6] as number) ^ 1
    expect(await codeOf(readFile(await world.write('flipped.gz', flipped)))).toBe('data file.corrupt')
  })
})

describe('zstd', () => {
  const skippable = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 9, 9, 9])

  it('reads every frame, and skips what is to be skipped', async () => {
    const first = zstdCompressSync('{"a":1}\n')
    const second = zstdCompressSync('{"a":2}\n')
    for (const parts of [
      [zstdCompressSync(LINES)],
      [first, second],
      [skippable, first, skippable, zstdCompressSync(''), second, skippable],
    ]) {
      const path = await world.write('frames.ndjson.zst', Buffer.concat(parts))
      expect((await readFile(path)).rows).toEqual(ROWS)
    }
  })

  it('agrees with the zstd program on blocks of every kind, with a checksum', async (ctx) => {
    const text = `${'{"a":1}\n'.repeat(100_000)}{"a":"${Array.from(
      { length: 300_000 },
      (_, i) => ((i * 7919) % 95) + 32,
    )
      .map((code) => String.fromCharCode(code))
      .join('')
      .replace(/["\\]/g, '')}"}\n`
    const path = await world.write('big.ndjson', text)
    try {
      execFileSync('zstd', ['-q', '-f', '--check', path])
    } catch {
      return ctx.skip('there is no zstd program')
    }
    expect((await readFile(`${path}.zst`)).rows).toHaveLength(100_001)
  })

  it('refuses it cut off anywhere, with something behind it, and damaged', { timeout: 180_000 }, async () => {
    const bytes = Buffer.concat([zstdCompressSync(LINES.repeat(9)), skippable, zstdCompressSync(LINES)])
    const whole = zstdCompressSync(LINES.repeat(9)).length
    for (let length = 5; length < bytes.length; length++) {
      const path = await world.write('cut.zst', bytes.subarray(0, length))
      const code = await codeOf(readFile(path))
      if (length === whole || length === whole + skippable.length) expect(code).toBe('no fault')
      else expect(code, `${length} bytes`).toMatch(/^data file\.(truncated|trailing)$/)
    }
    const rest = await world.write('rest.zst', Buffer.concat([bytes, Buffer.from('garbage')]))
    expect(await codeOf(readFile(rest))).toBe('data file.trailing')
  })
})

describe('zip', () => {
  it('reads the only file, past folders and litter', async () => {
    const zip = zipOf({
      'logs/': '',
      'logs/a.ndjson': LINES,
      '__MACOSX/logs/._a.ndjson': 'x',
      '.DS_Store': 'x',
    })
    expect((await readFile(await world.write('a.zip', zip))).rows).toEqual(ROWS)
    const packed = zipOf({ 'a.ndjson.gz': gzipSync(LINES) })
    expect((await readFile(await world.write('packed.zip', packed))).rows).toEqual(ROWS)
    const nested = await world.write('nested.zip.gz', gzipSync(zip))
    expect((await readFile(nested)).rows).toEqual(ROWS)
  })

  it('asks which of several kinds, and takes a name or a pattern', async () => {
    const path = await world.write(
      'several.zip',
      zipOf({ 'x/a.ndjson': LINES, 'x/b.json': '[]', 'c.json': '[]' }),
    )
    const fault = (await readFile(path).catch((error: unknown) => error)) as Fault
    expect([fault.kind, fault.code]).toEqual(['config', 'file.member.ambiguous'])
    expect(fault.message).toContain('"x/a.ndjson", "x/b.json", "c.json"')
    expect(fault.message).toContain('--member')
    for (const member of ['x/a.ndjson', 'a.ndjson', '*.ndjson', 'x/?.ndjson', '**/a*']) {
      expect((await readFile({ path, member })).rows, member).toEqual(ROWS)
    }
    expect(await codeOf(readFile({ path, member: '*.csv' }))).toBe('config file.member.missing')
    const plain = await world.write('plain.ndjson', LINES)
    expect(await codeOf(readFile({ path: plain, member: 'a' }))).toBe('config file.member.unneeded')
  })

  it.each(['../a.ndjson', '/a.ndjson', 'x/../../a.ndjson', '..\\a.ndjson', 'C:\\a.ndjson', 'C:/a.ndjson'])(
    'refuses the name %s',
    async (name) => {
      const path = await world.write('slip.zip', zipOf({ [name]: LINES }))
      expect(await codeOf(readFile(path))).toBe('data file.zip.path')
    },
  )

  it('checks the checksum, and refuses a cut archive, an empty one and a document', async () => {
    const wrong = await world.write('crc.zip', zipOf({ 'a.ndjson': LINES }, { crc: 1 }))
    expect(await codeOf(readFile(wrong))).toBe('data file.zip.corrupt')
    const zip = zipOf({ 'a.ndjson': LINES })
    expect(await codeOf(readFile(await world.write('cut.zip', zip.subarray(0, -30))))).toBe(
      'data file.truncated',
    )
    expect(await codeOf(readFile(await world.write('none.zip', zipOf({}))))).toBe('data file.member.none')
    const letter = await world.write(
      'letter.docx',
      zipOf({ '[Content_Types].xml': '<x/>', 'word/document.xml': '<x/>' }),
    )
    expect(await codeOf(readFile(letter))).toBe('unsupported file.format.unknown')
  })
})

describe('tar', () => {
  it('reads the only file, compressed too, and never a link', async () => {
    const tar = await tarOf({ 'd/': '', './d/a.ndjson': LINES })
    expect((await readFile(await world.write('a.tar', tar))).rows).toEqual(ROWS)
    expect((await readFile(await world.write('a.tgz', gzipSync(tar)))).rows).toEqual(ROWS)
    expect((await readFile(await world.write('a.tar.zst', zstdCompressSync(tar)))).rows).toEqual(ROWS)
    const link = await world.write('link.tar', await tarOf({ a: '' }, 'symlink'))
    expect(await codeOf(readFile(link))).toBe('data file.member.none')
  })

  it('asks which of several, refuses names that lead out, and a cut archive', async () => {
    const several = await world.write('several.tar', await tarOf({ 'a.json': '[]', 'b.ndjson': LINES }))
    expect(await codeOf(readFile(several))).toBe('config file.member.ambiguous')
    expect((await readFile({ path: several, member: 'b.ndjson' })).rows).toEqual(ROWS)
    const slip = await world.write('slip.tar', await tarOf({ '../a.ndjson': LINES }))
    expect(await codeOf(readFile(slip))).toBe('data file.tar.path')
    const long = await tarOf({ 'a.ndjson': LINES.repeat(1000) })
    expect(await codeOf(readFile(await world.write('cut.tar', long.subarray(0, 5000))))).toBe(
      'data file.truncated',
    )
  })
})

describe('what is not read', () => {
  it('is named', async () => {
    const known: Record<string, string> = {
      'a.7z': '7z\xbc\xaf\x27\x1c',
      'a.rar': 'Rar!\x1a\x07\x01\x00',
      'a.pdf': '%PDF-1.7',
      'a.png': '\x89PNG\r\n\x1a\n',
    }
    for (const [name, text] of Object.entries(known)) {
      expect(await codeOf(readFile(await world.write(name, Buffer.from(text, 'latin1'))))).toMatch(
        /^unsupported/,
      )
    }
  })

  it('stops a bomb', { timeout: 60_000 }, async () => {
    const zeros = Buffer.alloc(300 * 1024 * 1024, 0x20)
    zeros.write('[{"a":1},')
    expect(await codeOf(readFile(await world.write('bomb.gz', gzipSync(zeros, { level: 9 }))))).toBe(
      'data file.bomb',
    )
    expect(await codeOf(readFile(join(world.folder, 'nothing.gz')))).toBe('missing file.missing')
  })
})
