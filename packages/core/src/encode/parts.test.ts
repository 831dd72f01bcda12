import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BLOCK_ROWS, createBatchBuilder } from '@omni/arrow'
import type { Batch, Schema } from '@omni/spec'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { anyTable, batchOf } from '../../test/columns-arbitrary.ts'
import { readParts } from '../decode/index.ts'
import { createStreamDigest, writeBlock } from '../digest/index.ts'
import { localFolder, openLocalFile } from '../home/local-file.ts'
import { createPartWriter, type Format, type PartWriterOptions } from './index.ts'

const FORMATS: readonly Format[] = ['parquet', 'csv', 'ndjson']
let root = ''
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'omni-parts-'))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const newFolder = (): string => mkdtempSync(join(root, 'p-'))

type Options = Omit<PartWriterOptions, 'folder'> & { readonly folder: string }

const openWriter = ({ folder, ...options }: Options) =>
  createPartWriter({ ...options, folder: localFolder(folder) })
const openIn = (folder: string) => (path: string) => openLocalFile(join(folder, path))

async function writeAll(blocks: Iterable<Batch>, options: Options) {
  const writer = openWriter(options)
  for (const block of blocks) await writer.write(block)
  return writer.close()
}

function bytesOf(batch: Batch): string {
  const parts: Buffer[] = []
  writeBlock(batch, (bytes) => parts.push(Buffer.from(bytes)))
  return Buffer.concat(parts).toString('hex')
}

const SCHEMA: Schema = {
  fields: [
    { name: 'id', type: { kind: 'int', bits: 64, signed: true }, nullable: false },
    { name: 'city', type: { kind: 'utf8' }, nullable: true },
    { name: 'note', type: { kind: 'utf8' }, nullable: true },
    { name: 'price', type: { kind: 'decimal', bits: 128, precision: 18, scale: 4 }, nullable: true },
    {
      name: 'tags',
      type: { kind: 'list', item: { name: 'item', type: { kind: 'utf8' }, nullable: true } },
      nullable: true,
    },
  ],
}

/** `count` blocks of one stream, the last one short. */
function manyBlocks(count: number): Batch[] {
  return Array.from({ length: count }, (_, b) => {
    const builder = createBatchBuilder(SCHEMA)
    const rows = b === count - 1 ? 1000 : BLOCK_ROWS
    for (let i = 0; i < rows; i++) {
      const id = b * BLOCK_ROWS + i
      builder.append({
        id,
        city: i % 7 === 0 ? null : `city ${id % 50}`,
        note: `note ${(id * 7919) % 1_000_003} with some text`,
        price: `${id}.25`,
        tags: i % 5 === 0 ? null : i % 5 === 1 ? [] : [`t${i % 3}`, null],
      })
    }
    return builder.finish()
  })
}

describe.each(FORMATS)('parts as %s', (format) => {
  it('give back every value of every type', async () => {
    await fc.assert(
      fc.asyncProperty(anyTable(), fc.boolean(), async (table, dirt) => {
        const folder = newFolder()
        const { schema } = table
        const files = await writeAll([batchOf(table, dirt)], {
          folder,
          format,
          schema,
        })
        expect(files.map((file) => file.rows)).toEqual([table.rows])
        const read: Batch[] = []
        for await (const batch of readParts({ open: openIn(folder), files, format, schema })) read.push(batch)
        rmSync(folder, { recursive: true })
        expect(read.length).toBe(table.rows === 0 ? 0 : 1)
        if (read[0]) expect(bytesOf(read[0])).toBe(bytesOf(batchOf(table, false)))
      }),
      { numRuns: 150 },
    )
  })

  it('are the same bytes on any number of threads, cut at blocks, and give back the digest', async () => {
    const blocks = manyBlocks(6)
    const digest = createStreamDigest(SCHEMA)
    for (const block of blocks) digest.add(block)
    const limits = { partBytes: 5 << 20, groupBytes: 2 << 20 }
    const runs = []
    for (const threads of [1, 2, 4, 1]) {
      const folder = newFolder()
      const files = await writeAll(blocks, { folder, format, schema: SCHEMA, threads, ...limits })
      runs.push({ folder, files })
    }
    const [first] = runs
    for (const run of runs) expect(run.files).toEqual(first?.files)
    const { folder, files } = first as (typeof runs)[number]
    expect(files.length).toBeGreaterThan(1)
    expect(readdirSync(folder).sort()).toEqual(files.map((file) => file.path))
    expect(files[0]?.path).toBe(`part-00000.${format}`)
    for (const { path, bytes, rows, sha256 } of files) {
      const content = readFileSync(join(folder, path))
      expect(content.length).toBe(bytes)
      expect(createHash('sha256').update(content).digest('hex')).toBe(sha256)
      expect(statSync(join(folder, path)).mode & 0o777).toBe(0o444)
      if (path !== files.at(-1)?.path) expect(rows % BLOCK_ROWS).toBe(0)
    }
    const again = createStreamDigest(SCHEMA)
    for await (const batch of readParts({ open: openIn(folder), files, format, schema: SCHEMA }))
      again.add(batch)
    expect(again.root()).toEqual(digest.root())
  })

  it('meet damage of any byte with a fault of kind data, if with any', async () => {
    const folder = newFolder()
    const [block] = manyBlocks(1) as [Batch]
    const files = await writeAll([block], { folder, format, schema: SCHEMA })
    const path = join(folder, files[0]?.path as string)
    const good = readFileSync(path)
    const damage = fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), fc.boolean())
    await fc.assert(
      fc.asyncProperty(damage, async ([at, mask, cut]) => {
        const bad = cut ? good.subarray(0, at) : Buffer.from(good)
        if (!cut) bad[at] = (bad[at] as number) ^ mask
        rmSync(path, { force: true })
        writeFileSync(path, bad)
        try {
          for await (const _ of readParts({ open: openIn(folder), files, format, schema: SCHEMA }));
        } catch (error) {
          expect((error as { kind?: string }).kind).toBe('data')
        }
      }),
      { numRuns: 200 },
    )
  })
})

describe('a part writer', () => {
  it('does not keep the block it was given', async () => {
    const folder = newFolder()
    const blocks = manyBlocks(1)
    const files = await writeAll(blocks, { folder, format: 'parquet', schema: SCHEMA })
    const other = newFolder()
    const writer = openWriter({ folder: other, format: 'parquet', schema: SCHEMA })
    const [mine] = manyBlocks(1) as [Batch]
    await writer.write(mine)
    for (const column of mine.columns) column.values.fill(0x41)
    expect(await writer.close()).toEqual(files)
  })

  it('takes away what it wrote when it is aborted, and nothing else', async () => {
    const folder = newFolder()
    writeFileSync(join(folder, 'other.txt'), 'stays')
    const writer = openWriter({
      folder,
      format: 'parquet',
      schema: SCHEMA,
      groupBytes: 1 << 20,
      partBytes: 2 << 20,
    })
    for (const block of manyBlocks(5)) await writer.write(block)
    await writer.abort()
    await writer.abort()
    expect(readdirSync(folder)).toEqual(['other.txt'])
    await expect(writer.write(manyBlocks(1)[0] as Batch)).rejects.toMatchObject({ kind: 'aborted' })
  })

  it('stops at its signal', async () => {
    const controller = new AbortController()
    const writer = openWriter({
      folder: newFolder(),
      format: 'csv',
      schema: SCHEMA,
      signal: controller.signal,
    })
    controller.abort()
    await expect(writer.write(manyBlocks(1)[0] as Batch)).rejects.toMatchObject({ kind: 'aborted' })
    await writer.abort()
  })

  it('never writes over a file', async () => {
    const folder = newFolder()
    writeFileSync(join(folder, 'part-00000.csv'), 'mine')
    const writer = openWriter({ folder, format: 'csv', schema: SCHEMA })
    await expect(writer.close()).rejects.toMatchObject({ code: 'storage.io' })
    await writer.abort()
    expect(readFileSync(join(folder, 'part-00000.csv'), 'utf8')).toBe('mine')
  })

  it('says that a folder is missing, and that the disk is full', async (ctx) => {
    const missing = openWriter({ folder: join(root, 'nowhere'), format: 'csv', schema: SCHEMA })
    await expect(missing.close()).rejects.toMatchObject({ kind: 'missing' })
    if (process.platform !== 'linux') ctx.skip('needs /dev/full')
    const { storageFault } = await import('./storage-fault.ts')
    const full = await import('node:fs/promises')
      .then((fs) => fs.writeFile('/dev/full', 'x'))
      .catch(storageFault)
    expect(full).toMatchObject({ kind: 'unavailable', code: 'storage.full' })
  })

  it('gives a fault of a worker to its caller', async () => {
    const schema: Schema = {
      fields: [{ name: 'd', type: { kind: 'decimal', bits: 128, precision: 4, scale: 0 }, nullable: true }],
    }
    const values = new Uint8Array(BLOCK_ROWS * 16).fill(0x11)
    const column = {
      type: schema.fields[0]!.type,
      length: BLOCK_ROWS,
      nullCount: 0,
      validity: null,
      offsets: null,
      values,
      children: [],
    }
    const writer = openWriter({ folder: newFolder(), format: 'parquet', schema, groupBytes: 1 })
    const write = async (): Promise<void> => {
      for (let i = 0; i < 40; i++) await writer.write({ schema, rows: BLOCK_ROWS, columns: [column] })
      await writer.close()
    }
    await expect(write()).rejects.toMatchObject({ kind: 'data', code: 'parquet.decimal.range' })
    await writer.abort()
  })
})
