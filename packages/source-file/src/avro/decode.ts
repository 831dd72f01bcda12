import { emptyBatch } from '@omni/arrow'
import { type Batch, type Field, isFault } from '@omni/spec'
import type { FormatChunk, FormatInput, FormatRequest } from '../format.ts'
import { type Block, readBlocks } from './blocks.ts'
import { type ColumnWriter, NeedsWidening } from './column-writer.ts'
import { createWriter, memoryBytes, minBytes } from './create-writer.ts'
import { Cursor } from './cursor.ts'
import { avroFault, Damage } from './errors.ts'
import { RecordWriter } from './nested-writer.ts'
import { type AvroType, parseSchema, type Widening } from './schema.ts'

/** Restarts after which every column of a file is widened; a read may restart eight times. */
const ALL_ALIKE = 6
/** Records without bytes in one block: nothing else bounds them. */
const MAX_EMPTY_RECORDS = 2 ** 31

/** Batches of an Avro file in order. */
export async function* decodeAvro(
  input: FormatInput,
  request: FormatRequest,
): AsyncGenerator<FormatChunk, void, void> {
  const { learned } = request
  const widenings = new Map<string, Widening>()
  for (const [path, to] of learned ?? []) if (to === 'binary' || to === 'text') widenings.set(path, to)
  for (let restarts = 0; ; restarts++) {
    try {
      yield* decodeAll(input, request, widenings)
      return
    } catch (error) {
      if (!(error instanceof NeedsWidening)) throw error
      if (restarts >= ALL_ALIKE) {
        throw avroFault(
          'file.avro.corrupt',
          'Too many columns of the Avro file have values that do not fit their types.',
        )
      }
      widenings.set(error.path, error.to)
      learned?.set(error.path, error.to)
      yield { restart: { why: 'A column has a value that its usual type does not hold.' } }
    }
  }
}

async function* decodeAll(
  input: FormatInput,
  request: FormatRequest,
  widenings: ReadonlyMap<string, Widening>,
): AsyncGenerator<FormatChunk, void, void> {
  let sink: Sink | undefined
  let left = request.limit ?? Number.POSITIVE_INFINITY
  const blocks = readBlocks(input.open(), ({ schema }) => {
    sink = createSink(parseSchema(schema), request, widenings)
  })
  for await (const block of blocks) {
    request.signal.throwIfAborted()
    if (!sink) return
    const wanted = Math.min(block.count, left)
    for (const batch of sink.decode(block, wanted)) {
      yield { batch }
      request.signal.throwIfAborted()
    }
    left -= wanted
    if (left === 0) break
  }
  if (sink) yield { batch: sink.finish() }
}

interface Sink {
  /** The first `wanted` records of a block; batches as they are full. */
  decode(block: Block, wanted: number): Generator<Batch, void, void>
  /** What is left, or a batch without rows. */
  finish(): Batch
}

function createSink(
  type: AvroType,
  { limits }: FormatRequest,
  widenings: ReadonlyMap<string, Widening>,
): Sink {
  const root = createWriter(type, false, 'avro', widenings)
  const isRecord = type.kind === 'record' && root instanceof RecordWriter
  const fields: readonly Field[] =
    isRecord && root.type.kind === 'struct'
      ? root.type.fields
      : [{ name: 'value', type: root.type, nullable: root.isNullable }]
  const rowBytes = Math.max(1, memoryBytes(root.type))
  const maxRows = Math.max(1, Math.min(limits.chunkRows, Math.floor(limits.chunkBytes / rowBytes)))
  const isEmpty = minBytes(type) === 0
  const cursor = new Cursor()
  let rows = 0
  let bytes = 0

  const take = (): Batch => {
    const batch = batchOf(root, isRecord, fields, rows)
    rows = 0
    bytes = 0
    cursor.weight = 0
    return batch
  }
  return {
    *decode(block, wanted) {
      if (isEmpty && block.count > MAX_EMPTY_RECORDS)
        throw inBlock(block, new Damage('it has too many records'))
      cursor.open(block.bytes)
      for (let i = 0; i < wanted; i++) {
        const from = cursor.at
        try {
          root.read(cursor)
          cursor.check()
        } catch (error) {
          throw inBlock(block, error)
        }
        rows++
        bytes += cursor.at - from
        if (rows >= maxRows || bytes + cursor.weight + rows * rowBytes >= limits.chunkBytes) yield take()
      }
      if (wanted === block.count && cursor.at !== cursor.end) {
        throw inBlock(block, new Damage('it has more bytes than its records'))
      }
    },
    finish: () => (rows > 0 ? take() : emptyBatch({ fields })),
  }
}

function batchOf(root: ColumnWriter, isRecord: boolean, fields: readonly Field[], rows: number): Batch {
  const column = root.finish()
  return { schema: { fields }, rows, columns: isRecord ? column.children : [column] }
}

/** Damage with its place. A slip of arithmetic on broken bytes is damage too. */
function inBlock({ place }: Block, error: unknown): unknown {
  if (error instanceof Damage)
    return avroFault(error.code, `The Avro file is damaged: in ${place} ${error.what}.`)
  const isOurs = error instanceof RangeError || error instanceof TypeError
  if (!isOurs || isFault(error)) return error
  return avroFault('file.avro.corrupt', `The Avro file is damaged: ${place} cannot be decoded.`, error)
}
