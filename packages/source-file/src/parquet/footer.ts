import type { StoredObject } from '@omni/spec'
import { fileFault } from '../errors.ts'
import { BINARY, createThriftReader, I32, I64, LIST, STRUCT, type ThriftReader } from './thrift.ts'

/** What is used of a file's metadata; https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift */
export interface Footer {
  /** The metadata as it is in the file, without length and magic number. */
  readonly bytes: Uint8Array
  /** Where it starts in the file. */
  readonly start: number
  readonly rows: number
  /** Leaf columns in order. */
  readonly leaves: readonly Leaf[]
  readonly rowGroups: readonly RowGroup[]
  /** Changes of bytes: hints go; INT96 becomes FIXED_LEN_BYTE_ARRAY(12), which it is; a wrong count of rows the right one. */
  readonly edits: readonly Edit[]
}

export interface Leaf {
  readonly isInt96: boolean
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

/** Replaces `remove` bytes at `at` of the metadata. */
export interface Edit {
  readonly at: number
  readonly remove: number
  readonly insert: readonly number[]
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
/** zigzag(7), FIXED_LEN_BYTE_ARRAY, and zigzag(12). */
const FIXED = 14
const TWELVE = 24

/** Reads and checks the metadata at the end of a Parquet file. */
export async function readFooter(object: StoredObject, size: number): Promise<Footer> {
  const tail = size < 12 ? new Uint8Array(0) : await object.read({ start: size - 8, end: size })
  const magic = Buffer.from(tail.subarray(4)).toString('latin1')
  if (magic === ENCRYPTED_MAGIC) throw fileFault('file.parquet.encrypted', 'The Parquet file is encrypted.')
  if (magic !== MAGIC) {
    throw fileFault('file.parquet.truncated', 'The Parquet file has no end: its last bytes are not PAR1.')
  }
  const length = Buffer.from(tail).readUInt32LE(0)
  if (length > size - 12) throw corrupt('its metadata would be longer than the file')
  if (length > MAX_FOOTER_BYTES) {
    throw fileFault('file.parquet.size', `The metadata of the Parquet file has ${length} bytes.`)
  }
  const start = size - 8 - length
  return parseFooter(await object.read({ start, end: size - 8 }), start)
}

/** Parses the metadata, which lies at `start` of the file. */
export function parseFooter(bytes: Uint8Array, start: number): Footer {
  const reader = createThriftReader(bytes)
  const edits: Edit[] = []
  const leaves: Leaf[] = []
  const rowGroups: RowGroup[] = []
  let said: { readonly at: number; readonly bytes: number; readonly rows: bigint } | undefined
  reader.struct((field, type) => {
    if (field === 2 && type === LIST) reader.list(() => readElement(reader, leaves, edits))
    else if (field === 3 && type === I64) {
      const at = reader.at
      const count = reader.integer()
      said = { at, bytes: reader.at - at, rows: count }
    } else if (field === 4 && type === LIST)
      reader.list(() => rowGroups.push(readRowGroup(reader, edits, start)))
    else if (field === 8)
      throw fileFault('file.parquet.encrypted', 'Columns of the Parquet file are encrypted.')
    else return false
    return true
  })
  const rows = rowGroups.reduce((sum, group) => sum + group.rows, 0)
  // Some writers leave the file's own count at zero, and the decoder then gives no row.
  if (said && said.rows !== BigInt(rows))
    edits.push({ at: said.at, remove: said.bytes, insert: zigzag(rows) })
  for (const group of rowGroups) {
    if (group.chunks.length !== leaves.length) throw corrupt('a row group lacks columns')
  }
  return { bytes, start, rows, leaves, rowGroups, edits }
}

/** SchemaElement: 1 type, 2 type_length, 5 num_children. */
function readElement(reader: ThriftReader, leaves: Leaf[], edits: Edit[]): void {
  let isLeaf = false
  let isInt96 = false
  let afterType = 0
  reader.struct((field, type, headerAt) => {
    if (field === 1 && type === I32) {
      isLeaf = true
      const at = reader.at
      isInt96 = reader.integer() === INT96
      afterType = reader.at
      if (isInt96) edits.push({ at, remove: afterType - at, insert: [FIXED] })
      return true
    }
    if (isInt96 && headerAt === afterType) insertLength(reader, field, type, edits, headerAt)
    return false
  })
  if (isLeaf) leaves.push({ isInt96 })
}

/** Puts type_length 12 between the type and the field after it, whose header counts from the field before. */
function insertLength(
  reader: ThriftReader,
  field: number,
  type: number,
  edits: Edit[],
  headerAt: number,
): void {
  const header = [0x15, TWELVE]
  const isShort = reader.at === headerAt + 1
  if (field === 2) throw corrupt('a timestamp of 96 bits has a length')
  edits.push({
    at: headerAt,
    remove: isShort ? 1 : 0,
    insert: isShort ? [...header, ((field - 2) << 4) | type] : header,
  })
}

/** RowGroup: 1 columns, 2 total_byte_size, 3 num_rows. */
function readRowGroup(reader: ThriftReader, edits: Edit[], footerStart: number): RowGroup {
  const chunks: ColumnChunk[] = []
  let rows = 0
  let totalBytes = 0
  reader.struct((field, type) => {
    if (field === 1 && type === LIST) reader.list(() => chunks.push(readChunk(reader, edits, footerStart)))
    else if (field === 2 && type === I64) totalBytes = count(reader.integer())
    else if (field === 3 && type === I64) rows = count(reader.integer())
    else return false
    return true
  })
  return { rows, totalBytes, chunks }
}

/** ColumnChunk: 1 file_path, 3 meta_data; in that 1 type, 7 compressed size, 9 data and 11 dictionary page. */
function readChunk(reader: ThriftReader, edits: Edit[], footerStart: number): ColumnChunk {
  let bytes = 0
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
      } else if (inner === 7 && innerType === I64) bytes = count(reader.integer())
      else if (inner === 9 && innerType === I64) data = count(reader.integer())
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
  if (start + bytes > footerStart) throw corrupt('a column lies beyond the end of the data')
  return { start, bytes }
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
