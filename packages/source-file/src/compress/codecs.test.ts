import { createHash } from 'node:crypto'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { isFault } from '@omni/spec'
import { describe, expect, it } from 'vitest'
import { createSamples, gather, inPieces, runPython, runTool } from '../../test/packers.ts'
import { file } from '../index.ts'
import { detectCompression } from './index.ts'
import { lz4Block } from './lz4-block.ts'
import { unpackWhole } from './whole.ts'

const LZMA = 'import sys,lzma; sys.stdout.buffer.write(lzma.compress(sys.stdin.buffer.read(), '

/** How others write each compression; undefined where the machine lacks the program. */
const WRITERS: Readonly<Record<string, (data: Uint8Array) => Buffer | undefined>> = {
  'a.gz': gzipSync,
  'a.zst': zstdCompressSync,
  'a.br': brotliCompressSync,
  'a.zz': deflateSync,
  'a.deflate': deflateRawSync,
  'a.bz2': (data) => runTool('bzip2', ['-9', '-c'], data),
  'level 1.bz2': (data) => runTool('bzip2', ['-1', '-c'], data),
  'a.xz': (data) => runTool('xz', ['-6', '-c'], data),
  'extreme.xz': (data) => runTool('xz', ['-2e', '-T2', '--block-size=100000', '-C', 'sha256', '-c'], data),
  'crc32.xz': (data) => runTool('xz', ['-0', '-C', 'crc32', '-c'], data),
  'unchecked.xz': (data) => runTool('xz', ['-1', '-C', 'none', '-c'], data),
  'delta.xz': (data) => runTool('xz', ['--delta=dist=4', '--lzma2=preset=3,lc=1,lp=2,pb=1', '-c'], data),
  'a.lzma': (data) => runTool('xz', ['--format=lzma', '-c'], data),
  'python.lzma': (data) => runPython(`${LZMA}format=lzma.FORMAT_ALONE))`, data),
  'a.lz4': (data) => runTool('lz4', ['-c'], data),
  'linked.lz4': (data) => runTool('lz4', ['-9', '-BD', '-B4', '-BX', '--content-size', '-c'], data),
  'bare.lz4': (data) => runTool('lz4', ['--no-frame-crc', '-B7', '-c'], data),
  'legacy.lz4': (data) => runTool('lz4', ['-l', '-c'], data),
  'a.tar.Z': (data) => runTool('compress', ['-c', '-f'], data),
}

const SAMPLES = createSamples(400_000)

async function unpack(bytes: Uint8Array, name: string, piece?: number): Promise<Buffer> {
  const compression = detectCompression(bytes, name)
  if (!compression) throw new Error(`no compression in ${name}`)
  return gather(compression.decompress(inPieces(bytes, piece)))
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'no fault',
    (error: unknown) => {
      if (!isFault(error)) throw error
      return error.code
    },
  )
}

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

describe.each(Object.entries(WRITERS))('%s', (name, write) => {
  it('gives what was put in, in pieces of any size', { timeout: 60_000 }, async (ctx) => {
    for (const [kind, data] of Object.entries(SAMPLES)) {
      const packed = write(data)
      if (!packed) return ctx.skip(`there is no program that writes ${name}`)
      for (const piece of [1 << 20, 4093, kind === 'one' ? 1 : 100_003]) {
        expect(digest(await unpack(packed, name, piece)), `${kind} in ${piece}`).toBe(digest(data))
      }
    }
  })

  it('takes several streams as one file', async (ctx) => {
    if (/\.(?:br|zz|deflate|lzma|Z)$/.test(name)) return ctx.skip('it has one stream by its nature')
    const [a, b, c] = [SAMPLES['text'], SAMPLES['empty'], SAMPLES['mixed']].map((data) => write(data!))
    if (!a || !b || !c) return ctx.skip(`there is no program that writes ${name}`)
    const packed = Buffer.concat([a, b, c])
    expect(digest(await unpack(packed, name))).toBe(
      digest(Buffer.concat([SAMPLES['text']!, SAMPLES['mixed']!])),
    )
  })

  it('says of a cut file that it is cut, of more behind it that there is more', async (ctx) => {
    const data = SAMPLES['text']!.subarray(0, 5000)
    const packed = write(data)
    if (!packed) return ctx.skip(`there is no program that writes ${name}`)
    if (/^legacy|\.Z$/.test(name)) return ctx.skip('it has no end mark')
    for (let length = 14; length < packed.length; length += length < packed.length - 40 ? 37 : 1) {
      expect(await codeOf(unpack(packed.subarray(0, length), name)), `${length} bytes`).toBe('file.truncated')
    }
    for (const rest of ['garbage', '\0\0\0garbage!']) {
      const code = await codeOf(unpack(Buffer.concat([packed, Buffer.from(rest)]), name))
      expect(code, JSON.stringify(rest)).toMatch(/^file\.(?:trailing|corrupt)$/)
    }
  })

  it('never gives other data for a damaged file', { timeout: 60_000 }, async (ctx) => {
    const data = SAMPLES['text']!.subarray(0, 3000)
    const packed = write(data)
    if (!packed) return ctx.skip(`there is no program that writes ${name}`)
    const hasNoChecksum = /^(?:bare|legacy|unchecked|a\.br|a\.deflate)|\.(?:lzma|Z)$|^a\.zst/.test(name)
    for (let at = 0; at < packed.length; at += 3) {
      const damaged = Buffer.from(packed)
      damaged[at] = damaged[at]! ^ (1 << (at & 7))
      let result: Buffer
      try {
        result = await unpack(damaged, name)
      } catch (error) {
        if (!isFault(error) && !/^no compression/.test((error as Error).message)) throw error
        continue
      }
      if (!hasNoChecksum) expect(digest(result), `byte ${at}`).toBe(digest(data))
    }
  })
})

describe('what asks for too much, or is not read', () => {
  it('refuses a dictionary beyond the memory it may have', async (ctx) => {
    const packed = runTool('xz', ['--lzma2=preset=0,dict=200MiB', '-c'], SAMPLES['text']!)
    if (!packed) return ctx.skip('there is no xz program')
    expect(await codeOf(unpack(packed, 'a.xz'))).toBe('file.compression')
  })

  it('names a filter that is not read', async (ctx) => {
    const packed = runTool('xz', ['--x86', '--lzma2=preset=0', '-c'], SAMPLES['text']!)
    if (!packed) return ctx.skip('there is no xz program')
    expect(await codeOf(unpack(packed, 'a.xz'))).toBe('file.compression')
  })

  it('reads padding between xz streams, in fours only', async (ctx) => {
    const packed = runTool('xz', ['-c'], SAMPLES['one']!)
    if (!packed) return ctx.skip('there is no xz program')
    const padded = Buffer.concat([packed, Buffer.alloc(8), packed, Buffer.alloc(4)])
    expect(String(await unpack(padded, 'a.xz'))).toBe('xx')
    expect(await codeOf(unpack(Buffer.concat([packed, Buffer.alloc(3)]), 'a.xz'))).toBe('file.corrupt')
  })

  it('skips frames that are to be skipped, and knows lz4 behind them', async (ctx) => {
    const packed = runTool('lz4', ['-c'], SAMPLES['text']!)
    if (!packed) return ctx.skip('there is no lz4 program')
    const skippable = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 9, 9, 9])
    const legacy = runTool('lz4', ['-l', '-c'], SAMPLES['one']!)!
    const all = Buffer.concat([skippable, packed, skippable, legacy, packed])
    const expected = Buffer.concat([SAMPLES['text']!, SAMPLES['one']!, SAMPLES['text']!])
    expect((await unpack(all, 'a')).equals(expected)).toBe(true)
  })

  it('names 7z and rar', () => {
    for (const magic of [
      [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c],
      [0x52, 0x61, 0x72, 0x21, 0x1a, 0x07],
    ]) {
      expect(() => detectCompression(Buffer.from(magic), 'a')).toThrow(/7z|rar/)
    }
  })
})

describe('blocks of container files', () => {
  it('are unpacked whole, up to a bound', async (ctx) => {
    const data = SAMPLES['mixed']!
    for (const [tool, args] of [
      ['bzip2', ['-c']],
      ['xz', ['-c']],
    ] as const) {
      const packed = runTool(tool, args, data)
      if (!packed) return ctx.skip(`there is no ${tool} program`)
      const { decompress } = detectCompression(packed)!
      expect(digest(await unpackWhole(packed, decompress, data.length))).toBe(digest(data))
      expect(await codeOf(unpackWhole(packed, decompress, data.length - 1))).toBe('file.bomb')
    }
  })

  it('of lz4 are unpacked exactly, or not at all', (ctx) => {
    const data = SAMPLES['text']!.subarray(0, 50_000)
    const frame = runTool('lz4', ['--no-frame-crc', '-c'], data)
    if (!frame) return ctx.skip('there is no lz4 program')
    const block = frame.subarray(11, 11 + frame.readUInt32LE(7))
    expect(Buffer.from(lz4Block(block, data.length)!).equals(data)).toBe(true)
    expect(lz4Block(block, data.length - 1)).toBeUndefined()
    expect(lz4Block(block.subarray(0, -1), data.length)?.length).not.toBe(data.length)
    expect(lz4Block(Buffer.alloc(0), 10)).toBeUndefined()
  })
})

describe('the dataset of a packed file', () => {
  it('has no suffix of it', () => {
    for (const name of [
      'a.csv.bz2',
      'a.tar.xz',
      'a.tgz',
      'a.ndjson.lz4',
      'a.json.br',
      'a.csv.Z',
      'a.csv.gz.gz',
      'a.tbz2',
    ]) {
      expect(file(`https://h/d/${name}?sig=1`).dataset, name).toBe('a')
    }
    expect([file('.gz').dataset, file('a.b').dataset]).toEqual(['.gz', 'a.b'])
  })
})
