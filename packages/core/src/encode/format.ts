import type { Batch, Schema } from '@omni/spec'
import { createByteWriter } from './byte-writer.ts'
import { createCsvEncoder, csvHead } from './csv.ts'
import { createNdjsonEncoder } from './ndjson.ts'
import { footerBytes, MAGIC } from './parquet/footer.ts'
import { fileSchema } from './parquet/leaves.ts'
import { createRowGroupEncoder, type RowGroupFacts } from './parquet/row-group.ts'

/** What a part may be written as. */
export type Format = 'parquet' | 'csv' | 'ndjson'

/** Encodes groups of blocks, each by itself, so that several threads can share a part. */
export interface GroupEncoder {
  /** The bytes are valid until the next call. */
  encode(blocks: readonly Batch[]): EncodedGroup
}

/** The bytes of a group, and what the end of its part must say of them. */
export interface EncodedGroup {
  readonly bytes: Uint8Array
  readonly rows: number
  readonly facts: RowGroupFacts | null
}

/** A group and where in its part it begins. */
export interface PlacedGroup {
  readonly start: number
  readonly facts: RowGroupFacts | null
}

/** What goes around the groups of a part. */
export interface Container {
  readonly head: Uint8Array
  tail(groups: readonly PlacedGroup[]): Uint8Array
}

const NOTHING = new Uint8Array(0)

/** An encoder for one thread. */
export function createGroupEncoder(format: Format, schema: Schema): GroupEncoder {
  const out = createByteWriter(1 << 18)
  if (format === 'parquet') {
    const encoder = createRowGroupEncoder(fileSchema(schema))
    return {
      encode(blocks) {
        out.reset()
        const facts = encoder.encode(blocks, out)
        return { bytes: out.view(), rows: facts.rows, facts }
      },
    }
  }
  const append = format === 'csv' ? createCsvEncoder(schema) : createNdjsonEncoder(schema)
  return {
    encode(blocks) {
      out.reset()
      let rows = 0
      for (const block of blocks) {
        append(block, out)
        rows += block.rows
      }
      return { bytes: out.view(), rows, facts: null }
    },
  }
}

/** Throws the fault `unsupported` where the format cannot hold a type of the schema. */
export function createContainer(format: Format, schema: Schema): Container {
  if (format === 'ndjson') return { head: NOTHING, tail: () => NOTHING }
  if (format === 'csv') return { head: csvHead(schema), tail: () => NOTHING }
  const file = fileSchema(schema)
  return {
    head: MAGIC,
    tail: (groups) =>
      footerBytes(
        schema,
        file,
        groups.flatMap(({ start, facts }) => (facts ? [{ start, ...facts }] : [])),
      ),
  }
}
