import type { StoredObject } from '@omni/spec'
import { fileFault } from '../errors.ts'
import {
  buildSchema,
  type Edit,
  type LeafKind,
  readElement,
  type SchemaElement,
  type SchemaNode,
} from './schema.ts'
import { BINARY, createThriftReader, I32, I64, LIST, STRUCT, type ThriftReader } from './thrift.ts'

/** What is used of a file's metadata; https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift */
export interface Footer {
  /** The metadata as it is in the file, without length and magic number. */
  readonly bytes: Uint8Array
  /** Where it starts in the file. */
  readonly start: number
  readonly rows: number
  readonly columns: readonly SchemaNode[]
  /** Leaf columns in order. */
  readonly leaves: readonly Leaf[]
  readonly rowGroups: readonly RowGroup[]
  /** Changes of bytes: hints go; INT96 becomes FIXED_LEN_BYTE_ARRAY(12), which it is; a wrong count of rows the right one. */
  readonly edits: readonly Edit[]
}

export interface Leaf {
  /** Names from the column down with dots between, as the decoder spells it. */
  readonly path: string
  readonly kind: LeafKind
}

export interface RowGroup {
  readonly rows: number
  /** Bytes after decompression, as the file says. */
  readonly totalBytes: number
  readonly chunks: readonly ColumnChunk[]
}

/** Pages of one column in one row group. */
export interface ColumnChunk {
  readonly start: number
  readonly bytes: number
}

const MAGIC = 'PAR1'
const ENCRYPTED_MAGIC = 'PARE'
/** Real footers of very wide files have some megabytes. */
const MAX_FOOTER_BYTES = 64 * 1024 * 1024
const INT96 = 3n
/**
 * Fields of ColumnMetaData from here on are hints (statistics, Bloom filters, sizes), which reading all rows needs
 * not. Some writers have put things of their own there, at which a strict decoder stops.
 */
const FIRST_HINT = 12
/** zigzag(7), FIXED_LEN_BYTE_ARRAY. */
const FIXED = 14
/** What is read from the end at first: the metadata of most files fits, so that it takes one request. */
const TAIL_BYTES = 64 * 1024
/** Its first versions left the header of the dictionary page out of a column's size (PARQUET-816). */
const SHORT_SIZES = /^parquet-mr(?:$| version (?:0\.|1\.[01]\.|1\.2\.[0-8]\b))/
/** Bytes that such a header has, at most. */
const MAX_SHORT = 100

/** Reads and checks the metadata at the end of a Parquet file. */
export async function readFooter(object: StoredObject, size: number, signal?: AbortSignal): Promise<Footer> {
  const read = (start: number, end: number): Promise<Uint8Array> =>
    object.read({ start, end, ...(signal ? { signal } : {}) })
  const tail = size < 12 ? Buffer.alloc(0) : Buffer.from(await read(Math.max(0, size - TAIL_BYTES), size))
  const magic = tail.subarray(-4).toString('latin1')
  if (magic === ENCRYPTED_MAGIC) throw fileFault('file.parquet.encrypted', 'The Parquet file is encrypted.')
  if (magic !== MAGIC) {
    throw fileFault('file.parquet.truncated', 'The Parquet file has no end: its last bytes are not PAR1.')
  }
  const length = tail.readUInt32LE(tail.length - 8)
  if (length > size - 12) throw corrupt('its metadata would be longer than the file')
  if (length > MAX_FOOTER_BYTES) {
    throw fileFault('file.parquet.size', `The metadata of the Parquet file has ${length} bytes.`)
  }
  const start = size - 8 - length
  const bytes =
    length + 8 <= tail.length ? tail.subarray(tail.length - 8 - length, -8) : await read(start, size - 8)
  return parseFooter(bytes, start)
}

/** Parses the metadata, which lies at `start` of the file. */
export function parseFooter(bytes: Uint8Array, start: number): Footer {
  const reader = createThriftReader(bytes)
  const edits: Edit[] = []
  const elements: SchemaElement[] = []
  const groups: ReadGroup[] = []
  let creator = ''
  let said: { readonly at: number; readonly bytes: number; readonly rows: bigint } | undefined
  reader.struct((field, type) => {
    if (field === 2 && type === LIST) reader.list(() => elements.push(readElement(reader, edits)))
    else if (field === 3 && type === I64) {
      const at = reader.at
      const count = reader.integer()
      said = { at, bytes: reader.at - at, rows: count }
    } else if (field === 4 && type === LIST) reader.list(() => groups.push(readRowGroup(reader, edits)))
    else if (field === 6 && type === BINARY) creator = Buffer.from(reader.binary()).toString('latin1')
    else if (field === 8)
      throw fileFault('file.parquet.encrypted', 'Columns of the Parquet file are encrypted.')
    else return false
    return true
  })
  const rows = groups.reduce((sum, group) => sum + group.rows, 0)
  // Some writers leave the file's own count at zero, and the decoder then gives no row.
  if (said && said.rows !== BigInt(rows))
    edits.push({ at: said.at, remove: said.bytes, insert: zigzag(rows) })
  const { columns, leafPaths } = buildSchema(elements)
  for (const { chunks } of groups) {
    if (chunks.length !== leafPaths.length) throw corrupt('a row group lacks columns')
    if (chunks.some((chunk) => chunk.start + chunk.bytes > start))
      throw corrupt('a column lies beyond the end of the data')
  }
  const rowGroups = SHORT_SIZES.test(creator) ? lengthen(groups, start, edits) : groups
  const kinds = elements.filter(({ childCount }) => childCount === undefined).map(({ kind }) => kind)
  const leaves = leafPaths.map((path, i) => ({ path, kind: kinds[i] ?? 'plain' }))
  return { bytes, start, rows, columns, leaves, rowGroups, edits }
}

interface ReadGroup extends RowGroup {
  readonly chunks: readonly ReadChunk[]
}

interface ReadChunk extends ColumnChunk {
  /** Where the metadata says how many bytes it has. */
  readonly size: { readonly at: number; readonly bytes: number }
}

/** Columns up to the next one, where a gap says that the size is too short; the pages are checked to fit in it. */
function lengthen(groups: readonly ReadGroup[], end: number, edits: Edit[]): readonly RowGroup[] {
  const starts = groups.flatMap(({ chunks }) => chunks.map((chunk) => chunk.start)).sort((a, b) => a - b)
  return groups.map((group) => ({
    ...group,
    chunks: group.chunks.map((chunk) => {
      const next = starts.find((start) => start > chunk.start) ?? end
      const gap = next - chunk.start - chunk.bytes
      if (gap <= 0 || gap > MAX_SHORT) return chunk
      const bytes = chunk.bytes + gap
      edits.push({ at: chunk.size.at, remove: chunk.size.bytes, insert: zigzag(bytes) })
      return { ...chunk, bytes }
    }),
  }))
}

/** RowGroup: 1 columns, 2 total_byte_size, 3 num_rows. */
function readRowGroup(reader: ThriftReader, edits: Edit[]): ReadGroup {
  const chunks: ReadChunk[] = []
  let rows = 0
  let totalBytes = 0
  reader.struct((field, type) => {
    if (field === 1 && type === LIST) reader.list(() => chunks.push(readChunk(reader, edits)))
    else if (field === 2 && type === I64) totalBytes = count(reader.integer())
    else if (field === 3 && type === I64) rows = count(reader.integer())
    else return false
    return true
  })
  return { rows, totalBytes, chunks }
}

/** ColumnChunk: 1 file_path, 3 meta_data; in that 1 type, 7 compressed size, 9 data and 11 dictionary page. */
function readChunk(reader: ThriftReader, edits: Edit[]): ReadChunk {
  let bytes = 0
  let size = { at: 0, bytes: 0 }
  let data = 0
  let dictionary = 0
  reader.struct((field, type) => {
    if (field === 1 && type === BINARY && reader.binary().length > 0) {
      throw fileFault('file.parquet.unsupported', 'Columns of the Parquet file are in other files.')
    }
    if (field === 8 || field === 9) {
      throw fileFault('file.parquet.encrypted', 'Columns of the Parquet file are encrypted.')
    }
    if (field !== 3 || type !== STRUCT) return field === 1 && type === BINARY
    let beyond: number | undefined
    reader.struct((inner, innerType, headerAt) => {
      if (inner >= FIRST_HINT) beyond ??= headerAt
      if (inner === 1 && innerType === I32) {
        const at = reader.at
        if (reader.integer() === INT96) edits.push({ at, remove: reader.at - at, insert: [FIXED] })
      } else if (inner === 7 && innerType === I64) {
        const at = reader.at
        bytes = count(reader.integer())
        size = { at, bytes: reader.at - at }
      } else if (inner === 9 && innerType === I64) data = count(reader.integer())
      else if (inner === 11 && innerType === I64) {
        dictionary = count(reader.integer())
        // Zero means that there is none; the decoder would look there.
        if (dictionary === 0) beyond ??= headerAt
      } else return false
      return true
    })
    // Before the byte that ends the structure.
    if (beyond !== undefined) edits.push({ at: beyond, remove: reader.at - 1 - beyond, insert: [] })
    return true
  })
  const start = dictionary > 0 && dictionary < data ? dictionary : data
  return { start, bytes, size }
}

function zigzag(value: number): number[] {
  const bytes: number[] = []
  let rest = BigInt(value) * 2n
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return [...bytes, Number(rest)]
}

function count(value: bigint): number {
  if (value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER)) throw corrupt('a size is negative or absurd')
  return Number(value)
}

/** The metadata with its edits, length and magic number: what a reader sees from {@link Footer.start} on. */
export function rewriteFooter(footer: Footer): Uint8Array {
  const parts: Uint8Array[] = []
  let at = 0
  for (const edit of [...footer.edits].sort((a, b) => a.at - b.at)) {
    parts.push(footer.bytes.subarray(at, edit.at), Uint8Array.from(edit.insert))
    at = edit.at + edit.remove
  }
  parts.push(footer.bytes.subarray(at))
  const metadata = Buffer.concat(parts)
  const end = Buffer.alloc(8)
  end.writeUInt32LE(metadata.length, 0)
  end.write(MAGIC, 4, 'latin1')
  return Buffer.concat([metadata, end])
}

function corrupt(what: string): Error {
  return fileFault('file.parquet.corrupt', `The Parquet file is damaged: ${what}.`)
}
