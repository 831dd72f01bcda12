import type { Batch, Schema } from '@omni/spec'
import { fileSchema, type Leaf } from '../../encode/parquet/leaves.ts'
import type { HomeFile } from '../../home/home.ts'
import { damaged } from '../damaged.ts'
import { assemble, type LeafCursor } from './assemble.ts'
import { type RowGroupPlace, readFooter } from './footer.ts'
import { type ChunkPages, type LeafPage, openChunk } from './pages.ts'

/**
 * The blocks of a Parquet part that we wrote, with exactly this schema. One row group is held at a time,
 * compressed, and one block of it decoded.
 */
export async function* readParquet(file: HomeFile, schema: Schema): AsyncGenerator<Batch> {
  const { leaves } = fileSchema(schema)
  for (const group of await readFooter(file, leaves.length)) {
    if (leaves.length === 0) {
      yield { schema, rows: group.rows, columns: [] }
      continue
    }
    const start = Math.min(...group.chunks.map((chunk) => chunk.start))
    const end = Math.max(...group.chunks.map((chunk) => chunk.start + chunk.bytes))
    yield* blocksOf(group, await file.read(start, end - start), start, leaves, schema)
  }
}

function* blocksOf(
  group: RowGroupPlace,
  bytes: Uint8Array,
  start: number,
  leaves: readonly Leaf[],
  schema: Schema,
): Generator<Batch> {
  const chunks = group.chunks.map((chunk, i) =>
    openChunk(bytes.subarray(chunk.start - start, chunk.start - start + chunk.bytes), leaves[i] as Leaf),
  )
  const blocks = chunks[0]?.count ?? 0
  let rows = 0
  for (let b = 0; b < blocks; b++) {
    const cursor = createCursor(chunks, b)
    const columns = schema.fields.map((field) => assemble(field.type, cursor))
    const length = columns[0]?.length ?? 0
    if (columns.some((column) => column.length !== length)) throw damaged()
    rows += length
    yield { schema, rows: length, columns }
  }
  if (rows !== group.rows) throw damaged()
}

function createCursor(chunks: readonly ChunkPages[], block: number): LeafCursor {
  let at = 0
  let peeked: LeafPage | undefined
  const load = (): LeafPage => {
    const chunk = chunks[at]
    if (!chunk) throw damaged()
    peeked ??= chunk.page(block)
    return peeked
  }
  return {
    peek: load,
    next() {
      const page = load()
      peeked = undefined
      at++
      return page
    },
  }
}
