import { BLOCK_ROWS, createReblocker } from '@omni/arrow'
import type { Batch, Schema } from '@omni/spec'
import type { Format } from '../encode/format.ts'
import type { PartReceipt } from '../encode/part-sink.ts'
import type { HomeFile } from '../home/home.ts'
import { readCsv } from './csv.ts'
import { damaged, damagedBy } from './damaged.ts'
import { readNdjson } from './ndjson.ts'
import { readParquet } from './parquet/read-parquet.ts'

export interface ReadPartsOptions {
  /** Opens a part by its path. */
  readonly open: (path: string) => Promise<HomeFile>
  /** In order; only `path` and `rows` are used. */
  readonly files: readonly Pick<PartReceipt, 'path' | 'rows'>[]
  readonly format: Format
  /** As in the manifest. */
  readonly schema: Schema
}

const READERS: Readonly<Record<Format, (file: HomeFile, schema: Schema) => AsyncGenerator<Batch>>> = {
  parquet: readParquet,
  csv: readCsv,
  ndjson: readNdjson,
}

/**
 * Reads the parts of a stream back as the blocks that were written, value for value, holding no more than a row
 * group. Bytes that we cannot have written are the fault `part.damaged`.
 */
export async function* readParts(options: ReadPartsOptions): AsyncGenerator<Batch, void, undefined> {
  const { open, files, format, schema } = options
  const reblocker = createReblocker(schema, BLOCK_ROWS)
  for (const { path, rows } of files) {
    let found = 0
    const file = await open(path)
    try {
      for await (const batch of READERS[format](file, schema)) {
        found += batch.rows
        yield* reblocker.push(batch)
      }
    } catch (error) {
      throw damagedBy(error)
    } finally {
      await file.close()
    }
    if (found !== rows) throw damaged()
  }
  const last = reblocker.flush()
  if (last) yield last
}
