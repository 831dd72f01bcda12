import { gzipSync } from 'node:zlib'
import { isFault } from '@omni/spec'
import fc from 'fast-check'
import { pack } from 'tar-stream'
import { describe, expect, it } from 'vitest'
import { gather, inPieces, runPython, runTool } from '../../test/packers.ts'
import { gunzip } from '../compress/gzip.ts'
import { holdInMemory } from '../memory.ts'
import type { Member } from './member.ts'
import { listTar } from './tar.ts'

/** Through both ways of reading, which must agree. */
async function list(bytes: Uint8Array): Promise<readonly Member[]> {
  const { object, size } = await holdInMemory(() => inPieces(bytes), 'a.tar')
  const random = await listTar(() => inPieces(bytes, 1009), {
    object,
    size,
    signal: new AbortController().signal,
  })
  const streamed = await listTar(() => inPieces(bytes, 1009))
  expect(streamed.map(({ name, size }) => [name, size])).toEqual(random.map(({ name, size }) => [name, size]))
  for (const [i, member] of random.entries()) {
    expect((await gather(streamed[i]!.open())).equals(await gather(member.open())), member.name).toBe(true)
  }
  return random
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no fault',
    (error: unknown) => {
      if (!isFault(error)) throw error
      return error.code
    },
  )

interface Block {
  readonly name: string | Uint8Array
  readonly data?: string | Uint8Array
  readonly type?: string
  readonly size?: string | Uint8Array
  readonly magic?: string
}

/** A header and its data as no tool would write them. */
function block({ name, data = '', type = '0', size, magic = 'ustar\x0000' }: Block): Buffer {
  const header = Buffer.alloc(512)
  const body = Buffer.from(data)
  header.set(Buffer.from(name))
  header.write('0000644\0', 100)
  header.set(Buffer.from(size ?? `${body.length.toString(8).padStart(11, '0')}\0`), 124)
  header.write('00000000000\0', 136)
  header.write(type, 156, 'latin1')
  header.write(magic, 257, 'latin1')
  header.write('        ', 148)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return Buffer.concat([header, body, Buffer.alloc(-body.length & 511)])
}

const END = Buffer.alloc(1024)
const tar = (...blocks: readonly Block[]): Buffer => Buffer.concat([...blocks.map(block), END])
const pax = (records: string): Block => ({ name: 'x', type: 'x', data: records })

const PYTHON = `
import sys, io, tarfile
out = io.BytesIO()
t = tarfile.open(fileobj=out, mode='w', format=getattr(tarfile, sys.argv[1]), encoding='utf-8')
for name, size in [('a.csv', 3), ('d/' * 20 + 'long-' + 'n' * 90 + '.csv', 700), ('ü€.csv', 512), ('empty', 0)]:
    i = tarfile.TarInfo(name); i.size = size; i.mtime = 1748599200
    t.addfile(i, io.BytesIO(b'x' * size))
for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE):
    i = tarfile.TarInfo('special'); i.type = kind; i.linkname = '/etc/passwd'; t.addfile(i)
t.close(); sys.stdout.buffer.write(out.getvalue())
`

describe('tar', () => {
  it.each(['USTAR_FORMAT', 'GNU_FORMAT', 'PAX_FORMAT'])(
    'reads what Python writes as %s',
    async (format, ctx?: never) => {
      const bytes = runPython(PYTHON, Buffer.alloc(0), [format])
      if (!bytes) return expect(ctx).toBeUndefined()
      const members = await list(bytes)
      expect(members.map(({ name, size }) => [name.slice(-12), size])).toEqual([
        ['a.csv', 3],
        ['nnnnnnnn.csv', 700],
        ['ü€.csv', 512],
        ['empty', 0],
      ])
      expect(members[1]?.name).toHaveLength(139)
      expect(members[0]?.modifiedMs).toBe(1_748_599_200_000)
      expect(String(await gather(members[0]!.open()))).toBe('xxx')
    },
  )

  it('reads what tar writes: v7, volumes with a label', async (ctx) => {
    const bytes = runTool(
      'tar',
      ['--format=v7', '-C', import.meta.dirname, '-cf', '-', 'tar.ts', 'zip.ts'],
      Buffer.alloc(0),
    )
    if (!bytes) return ctx.skip('there is no tar program')
    expect((await list(bytes)).map(({ name }) => name)).toEqual(['tar.ts', 'zip.ts'])
    const labelled = runTool(
      'tar',
      ['-V', 'label', '-C', import.meta.dirname, '-cf', '-', 'tar.ts'],
      Buffer.alloc(0),
    )!
    expect((await list(labelled)).map(({ name }) => name)).toEqual(['tar.ts'])
  })

  it('gives back what was put in, whatever the names and sizes', async () => {
    const file = fc.tuple(
      fc.string({ unit: fc.constantFrom(...'abc ü€/.'), minLength: 1, maxLength: 300 }),
      fc.uint8Array({ maxLength: 2000 }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(file, { maxLength: 5 }), async (files) => {
        const sound = files
          .map(
            ([name, data]) =>
              [`f${name.replace(/\.\.|\/\/+/g, '-').replace(/\/$/, '')}`, Buffer.from(data)] as const,
          )
          .filter(([name], i, all) => all.findIndex((other) => other[0] === name) === i)
        const archive = pack()
        for (const [name, data] of sound) archive.entry({ name }, data)
        archive.finalize()
        const members = await list(await gather(archive))
        expect(members.map(({ name }) => name)).toEqual(sound.map(([name]) => name))
        for (const [i, [, data]] of sound.entries())
          expect((await gather(members[i]!.open())).equals(data)).toBe(true)
      }),
      { numRuns: 40 },
    )
  })

  it('takes sizes in base 256 and from extended headers, and a global header for all', async () => {
    const size = Buffer.alloc(12)
    size[0] = 0x80
    size[11] = 5
    expect((await list(tar({ name: 'a', data: 'hello', size })))[0]?.size).toBe(5)
    const bytes = tar(
      pax('10 size=5\n'),
      { name: 'a', data: 'hello', size: '00000000000\0' },
      { name: 'b', data: 'x' },
    )
    expect((await list(bytes)).map(({ name, size }) => [name, size])).toEqual([
      ['a', 5],
      ['b', 1],
    ])
    const global = tar(
      { name: 'g', type: 'g', data: '17 path=same.csv\n' },
      { name: 'a', data: '1' },
      { name: 'b', data: '2' },
    )
    expect((await list(global)).map(({ name }) => name)).toEqual(['same.csv', 'same (2).csv'])
  })

  it('reads archives joined to one, and numbers names that are there twice', async () => {
    const bytes = Buffer.concat([
      tar({ name: './d/a.csv.gz', data: '1' }),
      tar({ name: 'd/a.csv.gz', data: '2' }, { name: 'd/a (2).csv.gz' }),
    ])
    const members = await list(bytes)
    expect(members.map(({ name }) => name)).toEqual(['d/a.csv.gz', 'd/a (2).csv.gz', 'd/a (2) (2).csv.gz'])
    expect(String(await gather(members[1]!.open()))).toBe('2')
  })

  it('says what is cut, damaged, hostile or not read', async () => {
    const whole = tar({ name: 'a', data: 'x'.repeat(900) }, { name: 'b', data: 'y' })
    for (let length = 513; length < whole.length - 512; length += 77) {
      expect(await codeOf(list(whole.subarray(0, length))), `${length} bytes`).toBe('file.truncated')
    }
    expect(await codeOf(list(Buffer.concat([whole, Buffer.from('garbage'.repeat(200))])))).toBe(
      'file.trailing',
    )
    const damaged = Buffer.from(whole)
    damaged[1537] = 1
    expect(await codeOf(list(damaged))).toBe('file.tar.corrupt')
    for (const [blocks, code] of [
      [[{ name: '../a' }], 'file.tar.path'],
      [[{ name: '/etc/a' }], 'file.tar.path'],
      [[{ name: '../a', type: '2' }], 'file.tar.path'],
      [[{ name: 'C:\\a' }], 'file.tar.path'],
      [[pax('16 path=a\0b.csv\n'), { name: 'a' }], 'file.tar.path'],
      [[{ name: 'a', type: 'S' }], 'file.tar.unsupported'],
      [[pax('22 GNU.sparse.major=1\n'), { name: 'a' }], 'file.tar.unsupported'],
      [[{ name: 'a', type: 'M' }], 'file.tar.unsupported'],
      [[pax('99 path=a\n'), { name: 'a' }], 'file.tar.corrupt'],
      [[pax('12 size=many\n'), { name: 'a' }], 'file.tar.corrupt'],
      [[{ name: 'a', size: Buffer.alloc(12, 0xff) }], 'file.tar.corrupt'],
      [
        [{ name: 'a', size: Buffer.concat([Buffer.from([0x80]), Buffer.alloc(11, 0x7f)]) }],
        'file.tar.corrupt',
      ],
      [[{ name: 'a', type: 'L', size: '77777777777\0' }], 'file.tar.corrupt'],
      [[{ name: 'a', size: '77777777777\0' }], 'file.truncated'],
    ] as const) {
      expect(await codeOf(list(tar(...blocks))), JSON.stringify(blocks)).toBe(code)
    }
  })

  it('decompresses once for all members that are opened in order, and closes what it opened', async () => {
    const packed = gzipSync(
      tar(...Array.from({ length: 300 }, (_, i) => ({ name: `${i}.csv`, data: 'x'.repeat(i * 9) }))),
    )
    let opened = 0
    let closed = 0
    const open = async function* (): AsyncGenerator<Uint8Array, void, void> {
      opened++
      try {
        yield* gunzip(inPieces(packed, 512))
      } finally {
        closed++
      }
    }
    const members = await listTar(open)
    expect(opened).toBe(1)
    // The first bytes of each, as a look for formats does, and then all of each.
    for (const member of members) for await (const _ of member.open()) break
    for (const [i, member] of members.entries()) expect((await gather(member.open())).length).toBe(i * 9)
    expect(opened).toBe(3)
    expect((await gather(members[5]!.open())).length).toBe(45)
    const both = await Promise.all([gather(members[7]!.open()), gather(members[200]!.open())])
    expect(both.map(({ length }) => length)).toEqual([63, 1800])
    await expect.poll(() => opened - closed, { timeout: 3000 }).toBe(0)
  })
})
