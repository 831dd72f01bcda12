import { rowAt, toArrow, toArrowTable } from '@omni/arrow'
import { type Batch, fault, type Row, type Schema } from '@omni/spec'
import type { PartReceipt } from '../encode/index.ts'
import type { Home } from '../home/home.ts'
import { placeBelow } from '../home/place.ts'
import { schemaOfFields } from '../manifest/fields.ts'
import type { Counts, Manifest, ManifestStream } from '../manifest/manifest.ts'
import type { StoredSnapshot } from './catalog.ts'
import { type QuarantineRecord, readQuarantine } from './quarantine.ts'

/** An apache-arrow `RecordBatch`. */
export type ArrowBatch = Awaited<ReturnType<typeof toArrow>>

/** An apache-arrow `Table`. */
export type ArrowTable = Awaited<ReturnType<typeof toArrowTable>>

/** An immutable, masked, checksummed snapshot. Where `stream` is left out, there must be only one. */
export interface Snapshot {
  /** Absolute path of its folder, or its URL. */
  readonly path: string
  readonly dataset: string
  /** Name of its folder. */
  readonly name: string
  /** Content digest `omni-sha256/1`, hex. */
  readonly digest: string
  /** Rows kept, of all streams. */
  readonly rows: number
  readonly counts: Counts
  /** True when the collect found nothing new: this is then the dataset's newest snapshot. */
  readonly unchanged: boolean
  readonly manifest: Manifest
  readonly files: readonly PartReceipt[]
  schema(stream?: string): Schema
  /** Rows as Arrow record batches. */
  batches(stream?: string): AsyncIterable<ArrowBatch>
  /** Rows in the internal columnar form, block by block. */
  blocks(stream?: string): AsyncIterable<Batch>
  /** Rows as objects: 64-bit integers as bigint, decimals and times as text. */
  rowsAsObjects(options?: { readonly limit?: number; readonly stream?: string }): Promise<Row[]>
  /** Records that could not be kept, masked. */
  quarantined(): AsyncIterable<QuarantineRecord>
  /** All rows as one Arrow table, in memory. */
  table(stream?: string): Promise<ArrowTable>
}

/** A snapshot to read from; no file is opened before a method is called. */
export function createSnapshot(stored: StoredSnapshot, openHome: () => Home, unchanged = false): Snapshot {
  const { manifest } = stored
  async function* withHome<Item>(read: (home: Home) => AsyncIterable<Item>): AsyncGenerator<Item> {
    const home = openHome()
    try {
      yield* read(home)
    } finally {
      await home.close()
    }
  }
  const blocks = (stream?: string): AsyncIterable<Batch> => {
    const chosen = chooseStream(manifest, stream)
    return withHome((home) => readBlocks(home, stored.path, manifest, chosen))
  }
  return {
    path: stored.path,
    dataset: stored.dataset,
    name: stored.name,
    digest: manifest.digest.value,
    rows: manifest.counts.kept,
    counts: manifest.counts,
    unchanged,
    manifest,
    files: manifest.streams.flatMap(({ files }) => files),
    schema: (stream) => schemaOfFields(chooseStream(manifest, stream).schema),
    blocks,
    async *batches(stream) {
      for await (const block of blocks(stream)) yield await toArrow(block)
    },
    async rowsAsObjects({ limit = Number.POSITIVE_INFINITY, stream } = {}) {
      const rows: Row[] = []
      if (limit <= 0) return rows
      for await (const block of blocks(stream)) {
        for (let i = 0; i < block.rows; i++) {
          rows.push(rowAt(block, i))
          if (rows.length >= limit) return rows
        }
      }
      return rows
    },
    quarantined: () => withHome((home) => readQuarantine(home, stored)),
    async table(stream) {
      const all: Batch[] = []
      for await (const block of blocks(stream)) all.push(block)
      return await toArrowTable(all, schemaOfFields(chooseStream(manifest, stream).schema))
    },
  }
}

/** Decodes the parts of one stream, in order. */
export async function* readBlocks(
  home: Home,
  folder: string,
  manifest: Manifest,
  stream: ManifestStream,
): AsyncGenerator<Batch> {
  if (stream.files.length === 0) return
  // The decoders load when something is read, not when something is collected.
  const { readParts } = await import('../decode/index.ts')
  yield* readParts({
    open: (file) => home.open(placeBelow(folder, file)),
    files: stream.files,
    format: manifest.format,
    schema: schemaOfFields(stream.schema),
  })
}

function chooseStream(manifest: Manifest, name: string | undefined): ManifestStream {
  const { streams } = manifest
  const found =
    name === undefined && streams.length === 1 ? streams[0] : streams.find((one) => one.name === name)
  if (found !== undefined) return found
  const names = streams.map((stream) => stream.name).join(', ')
  throw fault({
    kind: name === undefined ? 'config' : 'missing',
    code: 'snapshot.stream',
    why:
      name === undefined
        ? 'The snapshot has several streams.'
        : `The snapshot has no stream ${JSON.stringify(name)}.`,
    fix: `Name one of: ${names}.`,
  })
}
