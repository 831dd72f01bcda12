import { checkBatch, fromArrow } from '@omni/arrow'
import type { Batch, Column } from '@omni/spec'
import { type ChosenColumn, chooseColumns, projectBatch } from '../column-choice.ts'
import { createWindow, type Window } from '../compress/window.ts'
import type { FormatChunk, FormatInput, FormatRequest } from '../format.ts'
import { type ArrowData, type Dictionaries, type LoadBuffer, loadColumn, toArrowField } from './column.ts'
import { createUnpackBudget, readCodec, unpackBuffer } from './compression.ts'
import { corrupt } from './errors.ts'
import type { FlatTable } from './flatbuffer.ts'
import { checkFooter, FILE_MAGIC_BYTES, isArrowFile } from './framing.ts'
import { type Layout, layOut } from './layout.ts'
import { HEADER, type Message, readBody, readMessage, truncated } from './message.ts'
import { type IpcField, nodesOf, readSchema } from './schema.ts'
import { sliceData } from './slice.ts'

/** Rows of the first batch, to see how long they are. */
const FIRST_ROWS = 64

/** The record batches of a stream or file in order, in pieces of no more than the limits. */
export async function* decodeArrow(
  input: FormatInput,
  columns: readonly string[] | undefined,
  request: FormatRequest,
): AsyncGenerator<FormatChunk, void, void> {
  const window = createWindow(input.open())
  try {
    const isFile = isArrowFile(input.head.bytes)
    if (isFile) await window.take(FILE_MAGIC_BYTES)
    const first = await readMessage(window)
    if (!first) throw truncated()
    if (first.kind !== HEADER.schema) throw corrupt('it does not begin with a schema')
    await readBody(window, first)
    const fields = readSchema(first.header)
    const chosen = chooseColumns(nodesOf(fields), columns)
    // Refuses types that are not read before any row is given.
    const none = fromParts(fields, chosen, 0, noValues(fields, chosen))
    let hasRows = false
    for await (const batch of decodeBatches(window, fields, chosen, isFile, request)) {
      hasRows = true
      yield { batch }
    }
    if (!hasRows) yield { batch: none }
  } finally {
    await window.close()
  }
}

async function* decodeBatches(
  window: Window,
  fields: readonly IpcField[],
  chosen: readonly ChosenColumn[] | undefined,
  isFile: boolean,
  request: FormatRequest,
): AsyncGenerator<Batch, void, void> {
  const dictionaries = new Map<bigint, ArrowData[]>()
  const pace = createPace(request)
  let batches = 0
  while (true) {
    request.signal.throwIfAborted()
    const message = await readMessage(window)
    if (!message) break
    const body = await readBody(window, message)
    if (message.kind === HEADER.dictionary) await readDictionary(message, body, fields, dictionaries)
    else if (message.kind === HEADER.batch) {
      batches++
      const { rows, columns } = layOut(message.header, fields, body.length, message.version)
      const wanted = chosen ? chosen.map(({ index }) => columns[index] as Layout) : columns
      const data = await loadAll(wanted, message.header, body, dictionaries)
      for (let from = 0; from < rows; ) {
        request.signal.throwIfAborted()
        const to = Math.min(rows, from + pace.rows)
        const parts = data.map((column) => sliceData(column, from, to))
        const part = fromParts(fields, chosen, to - from, parts)
        // A batch is its reader's to keep, and the next one has the same memory under it.
        const batch = to - from < rows ? { ...part, columns: part.columns.map(copyColumn) } : part
        pace.saw(batch)
        yield batch
        from = to
      }
    } else throw corrupt('a message is of no known kind')
  }
  if (isFile) await checkFooter(window, batches)
}

/** DictionaryBatch: 0 id, 1 data, 2 isDelta. */
async function readDictionary(
  message: Message,
  body: Uint8Array,
  fields: readonly IpcField[],
  dictionaries: Map<bigint, ArrowData[]>,
): Promise<void> {
  const id = message.header.int64(0)
  const field = findDictionary(fields, id)
  const batch = message.header.table(1)
  if (!field || !batch) throw corrupt('a dictionary belongs to no column')
  const { dictionary: _, ...values } = field
  const { columns } = layOut(batch, [{ ...values, nullable: true }], body.length, message.version)
  const loaded = await loadAll(columns, batch, body, dictionaries)
  const before = message.header.flag(2) ? (dictionaries.get(id) ?? []) : []
  // Not for the part, but for the check.
  dictionaries.set(id, [...before, ...loaded.map((values) => sliceData(values, 0, values.length))])
}

function findDictionary(fields: readonly IpcField[], id: bigint): IpcField | undefined {
  for (const field of fields) {
    if (field.dictionary?.id === id) return field
    const found = findDictionary(field.children, id)
    if (found) return found
  }
  return undefined
}

/** RecordBatch: 3 compression. */
async function loadAll(
  layouts: readonly Layout[],
  batch: FlatTable,
  body: Uint8Array,
  dictionaries: Dictionaries,
): Promise<ArrowData[]> {
  const codec = readCodec(batch.table(3))
  const budget = createUnpackBudget()
  const load: LoadBuffer = async ({ start, end }) => {
    const bytes = body.subarray(start, end)
    return codec ? await unpackBuffer(bytes, codec, budget) : bytes
  }
  const loaded: ArrowData[] = []
  for (const layout of layouts) loaded.push(await loadColumn(layout, load, dictionaries))
  return loaded
}

/** A batch of the chosen columns; of `parts` there is one for each. */
function fromParts(
  fields: readonly IpcField[],
  chosen: readonly ChosenColumn[] | undefined,
  rows: number,
  parts: readonly ArrowData[],
): Batch {
  const wanted = chosen ? chosen.map(({ index }) => fields[index] as IpcField) : fields
  const schema = { fields: wanted.map(toArrowField) }
  // Of a batch only its children are read.
  const data = { length: rows, offset: 0, nullCount: 0, children: parts } as unknown as ArrowData
  const batch = checkBatch(fromArrow({ numRows: rows, schema, data }))
  return projectBatch(
    batch,
    chosen?.map(({ children }, index) => (children ? { index, children } : { index })),
  )
}

/** Columns without a value, for the schema. */
function noValues(
  fields: readonly IpcField[],
  chosen: readonly ChosenColumn[] | undefined,
): readonly ArrowData[] {
  const empty = (type: ArrowData['type']): ArrowData => ({
    type,
    offset: 0,
    length: 0,
    nullCount: 0,
    values: new Uint8Array(0),
    children: (type.children ?? []).map((child) => empty(child.type)),
  })
  const wanted = chosen ? chosen.map(({ index }) => fields[index] as IpcField) : fields
  return wanted.map((field) => empty(toArrowField(field).type))
}

interface Pace {
  /** Rows of the next piece. */
  readonly rows: number
  saw(batch: Batch): void
}

/** As many rows as fit in the bytes of a chunk, going by those so far. */
function createPace({ limits }: FormatRequest): Pace {
  let rows = Math.min(FIRST_ROWS, limits.chunkRows)
  return {
    get rows() {
      return rows
    },
    saw(batch) {
      const bytes = batch.columns.reduce((sum, column) => sum + bytesOf(column), 0)
      const fitting = Math.floor(limits.chunkBytes / Math.max(1, bytes / Math.max(1, batch.rows)))
      rows = Math.max(1, Math.min(limits.chunkRows, fitting, rows * 64))
    },
  }
}

function copyColumn(column: Column): Column {
  return {
    ...column,
    values: column.values.slice(),
    offsets: column.offsets?.slice() ?? null,
    validity: column.validity?.slice() ?? null,
    children: column.children.map(copyColumn),
  }
}

function bytesOf(column: Column): number {
  const own = column.values.length + (column.offsets?.byteLength ?? 0) + (column.validity?.length ?? 0)
  return column.children.reduce((sum, child) => sum + bytesOf(child), own)
}
