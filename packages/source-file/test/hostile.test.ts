import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, constants, deflateRawSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { OmniCollector } from '@omni/core'
import { isFault } from '@omni/spec'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { file } from '../src/index.ts'
import { zipOf } from './zip-writer.ts'

// Whatever a file does, the collect ends as a fault within seconds, with nothing written and the collector alive.

const MEGABYTE = 2 ** 20
const zeros = (megabytes: number): Buffer => Buffer.alloc(megabytes * MEGABYTE, 0x20)

/** Many gzip members, each of 64 MB of blanks: 2.5 GB in 2.5 MB. */
const gzipBomb = (): Buffer => {
  const member = gzipSync(zeros(64), { level: 9 })
  return Buffer.concat(Array.from({ length: 40 }, () => member))
}

/** Zip in zip in zip. */
function nested(depth: number): Buffer {
  let inner: Buffer = zipOf({ 'a.csv': 'a,b\n1,2\n' })
  for (let i = 0; i < depth; i++) inner = zipOf({ [`${i}.zip`]: inner })
  return inner
}

/** Central directory entries that all name one and the same local file, as in a bomb without nesting. */
function overlapping(): Buffer {
  const whole = zipOf({ 'a.csv': zeros(8), 'b.csv': zeros(8) })
  const second = whole.indexOf(Buffer.from('PK\x01\x02'), whole.indexOf(Buffer.from('PK\x01\x02')) + 4)
  // The second entry's data begins where the first one's does.
  whole.writeUInt32LE(0, second + 42)
  return whole
}

/** A member that says that it has ten bytes, and has a million. */
function lying(): Buffer {
  const data = Buffer.from(`a,b\n${'1,2\n'.repeat(250_000)}`)
  const whole = zipOf({ 'a.csv': data })
  for (const [magic, at] of [
    ['PK\x03\x04', 22],
    ['PK\x01\x02', 24],
  ] as const) {
    whole.writeUInt32LE(10, whole.indexOf(Buffer.from(magic, 'latin1')) + at)
  }
  return whole
}

/** A Parquet file whose footer is longer than the file, and one that claims terabytes of rows. */
const parquetFooter = (length: number): Buffer => {
  const tail = Buffer.alloc(8)
  tail.writeUInt32LE(length)
  tail.write('PAR1', 4)
  return Buffer.concat([Buffer.from('PAR1'), Buffer.alloc(64, 0x19), tail])
}

const LAUGHS = Array.from({ length: 12 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join('')
const laughs = (root: string): string =>
  `<?xml version="1.0"?><!DOCTYPE ${root} [<!ENTITY l0 "lol">${LAUGHS}]><${root}><row><a>&l12;</a></row><row><a>1</a></row></${root}>`

const CASES: Readonly<Record<string, readonly [name: string, bytes: () => string | Buffer]>> = {
  'a gzip bomb': ['a.csv.gz', gzipBomb],
  'a gzip bomb in a zip': ['a.zip', () => zipOf({ 'a.csv.gz': gzipBomb() })],
  'a zstd bomb': [
    'a.csv.zst',
    () => {
      const frame = zstdCompressSync(zeros(64))
      return Buffer.concat(Array.from({ length: 40 }, () => frame))
    },
  ],
  'a brotli bomb': [
    'a.csv.br',
    () => brotliCompressSync(zeros(600), { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
  ],
  'a zip bomb': ['a.zip', () => zipOf({ 'a.csv': zeros(600) })],
  'archives in archives': ['a.zip', () => nested(12)],
  'overlapping entries': ['a.zip', overlapping],
  'a lying size': ['a.zip', lying],
  'a name that leads out': ['a.zip', () => zipOf({ '../../a.csv': 'a\n1\n' })],
  'sixty thousand entries': [
    'a.zip',
    () => zipOf(Object.fromEntries(Array.from({ length: 60_000 }, (_, i) => [`${i}.csv`, 'a\n1\n']))),
  ],
  'a million laughs': ['a.xml', () => laughs('rows')],
  'a million laughs in a workbook': [
    'a.xlsx',
    () =>
      zipOf({
        '[Content_Types].xml': laughs('Types'),
        'xl/workbook.xml': laughs('workbook'),
        'xl/worksheets/sheet1.xml': laughs('worksheet'),
      }),
  ],
  'JSON a million deep': ['a.json', () => '['.repeat(1_000_000)],
  'a string without end': ['a.json', () => `[{"a":"${'x'.repeat(150 * MEGABYTE)}`],
  'a line without end': ['a.csv', () => `a,b\n"${'x'.repeat(150 * MEGABYTE)}`],
  'a Parquet footer beyond the file': ['a.parquet', () => parquetFooter(0xffff_fff0)],
  'a Parquet footer of noise': ['a.parquet', () => parquetFooter(64)],
  'an ORC tail of noise': ['a.orc', () => Buffer.concat([Buffer.from('ORC'), Buffer.alloc(300, 0xff)])],
  'an Avro block without end': [
    'a.avro',
    () =>
      Buffer.concat([
        Buffer.from('Obj\x01\x02\x16avro.schema\x0c"long"\x00', 'latin1'),
        Buffer.alloc(16, 7),
        Buffer.alloc(9, 0xff),
        Buffer.from([1]),
        Buffer.alloc(9, 0xff),
        Buffer.from([1]),
      ]),
  ],
  'an Arrow message of gigabytes': [
    'a.arrow',
    () => Buffer.concat([Buffer.from('ARROW1\0\0\xff\xff\xff\xff\xff\xff\xff\x7f', 'latin1'), zeros(1)]),
  ],
  'a tar with a link out of it': [
    'a.tar',
    () => {
      const header = Buffer.alloc(1536)
      header.write('link')
      header.write('0000644\0', 100)
      header.write('00000000000\0', 124)
      header.write('2/etc/passwd', 156)
      header.write('ustar\x0000', 257)
      header.fill(' ', 148, 156)
      const sum = header.subarray(0, 512).reduce((all, byte) => all + byte, 0)
      header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
      return header
    },
  ],
  'deflate of nothing but noise': [
    'a.csv.gz',
    () => Buffer.concat([gzipSync('a,b\n').subarray(0, 10), deflateRawSync('x'), Buffer.alloc(99, 0xee)]),
  ],
}

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'omni-hostile-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('a hostile file', () => {
  it.each(Object.entries(CASES))('%s', { timeout: 120_000 }, async (_title, [name, bytes]) => {
    const path = join(folder, name)
    await writeFile(path, bytes())
    const root = await mkdtemp(join(folder, 'root-'))
    const engine = new OmniCollector({ root })
    const started = performance.now()
    const error = await engine.collect(file(path)).catch((reason: unknown) => reason)
    const seconds = (performance.now() - started) / 1000
    expect(isFault(error) ? error.kind : error).toMatch(/^(?:data|unsupported)$/)
    expect(isFault(error) ? error.code : '').toMatch(/^file\./)
    expect(seconds).toBeLessThan(45)
    expect(await readdir(root)).toEqual([])
    const good = join(folder, 'good.csv')
    await writeFile(good, 'a\n1\n')
    const snapshot = await engine.collect(file(good))
    expect(snapshot.rows).toBe(1)
    await rm(path)
  })
})
