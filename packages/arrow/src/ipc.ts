import { type Batch, fault, isFault, type Schema } from '@omni/spec'
import type * as Apache from 'apache-arrow'
import type { ArrowBatch } from './arrow-data.ts'
import { fieldsFromArrow } from './arrow-type.ts'
import { createColumnBuilder } from './create-builder.ts'
import { fromArrow } from './from-arrow.ts'
import { loadLibrary, toArrowTable } from './to-arrow.ts'

/** Batches of one schema as an Arrow IPC stream, uncompressed. `schema` is needed only when there is no batch. */
export async function toIpc(batches: readonly Batch[], schema?: Schema): Promise<Uint8Array> {
  const library = await loadLibrary()
  const table = await toArrowTable(batches, schema)
  const empty = Object('') as string
  for (const one of [table.schema, ...table.batches.map((batch) => batch.schema)])
    writeEmptyNames(one.fields, empty)
  return library.RecordBatchStreamWriter.writeAll(table).toUint8Array(true)
}

/** apache-arrow 21.2 leaves out a falsy name, which then reads back as `null`; an empty String object is written. */
function writeEmptyNames(fields: readonly Apache.Field[], empty: string): void {
  for (const field of fields) {
    if (field.name === '') Object.defineProperty(field, 'name', { value: empty })
    writeEmptyNames((field.type.children as readonly Apache.Field[] | null) ?? [], empty)
  }
}

/** The batches of an Arrow IPC stream or file; one without rows where it holds none. */
export async function fromIpc(bytes: Uint8Array): Promise<Batch[]> {
  const library = await loadLibrary()
  try {
    const reader = library.RecordBatchReader.from(bytes)
    const batches: Batch[] = []
    for (const batch of reader) batches.push(fromArrow(batch as unknown as ArrowBatch))
    if (batches.length > 0) return batches
    return [emptyBatch({ fields: fieldsFromArrow(reader.schema.fields as never) })]
  } catch (error) {
    if (isFault(error)) throw error
    throw fault({
      kind: 'data',
      code: 'arrow.ipc.damaged',
      why: 'The bytes are not a readable Arrow IPC stream.',
      fix: 'Check that they are complete, and compressed with nothing but LZ4 or ZSTD if at all.',
      cause: error,
    })
  }
}

/** No rows of a schema. */
export function emptyBatch(schema: Schema): Batch {
  return {
    schema,
    rows: 0,
    columns: schema.fields.map((field) => createColumnBuilder(field.type, 1).finish()),
  }
}
