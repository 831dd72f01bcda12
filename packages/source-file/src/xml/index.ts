import { isFault, type Row } from '@omni/spec'
import { fileFault } from '../errors.ts'
import type { Format, FormatChunk, FormatInput, FormatRequest } from '../format.ts'
import type { FileOptions } from '../options.ts'
import { createRecordParser, type Element } from './element.ts'
import { findXmlEncoding, headText, textOf } from './encoding.ts'
import { locateRecords, type RecordPath } from './locate.ts'
import { createShape, type ElementShape, growShape, toRow } from './shape.ts'

/** Records of an XML document, each an element that repeats. */
export const xml: Format = {
  access: 'stream',
  describe({ head }, options) {
    const { path, isFound } = locateRecords(headText(head.bytes), head.complete, options.records)
    const how = isFound ? ' (the element that repeats most; what is outside of it is not read)' : ''
    return { notes: [`encoding: ${findXmlEncoding(head.bytes)}`, `records: /${path.join('/')}${how}`] }
  },
  decode: decodeXml,
}

async function* decodeXml(
  input: FormatInput,
  options: FileOptions,
  request: FormatRequest,
): AsyncGenerator<FormatChunk, void, void> {
  const start = headText(input.head.bytes)
  const place = locateRecords(start, input.head.complete, options.records)
  const shape = createShape()
  recall(shape, request)
  learnStart(shape, start, place)
  for (let isFirst = true; ; isFirst = false) {
    const pass = { hasChanged: false, records: 0 }
    yield* readPass(input, place, shape, request, pass)
    remember(shape, request)
    if (pass.records === 0 && !place.isFound) {
      throw fileFault('file.records.missing', 'There is no element at the path to the records.')
    }
    if (!pass.hasChanged) return
    if (!isFirst) throw fileFault('file.changed', 'The file changed while it was read.')
    yield { restart: { why: 'An element that was single repeats, or has parts, in a later record.' } }
  }
}

/** The records at the start; that a document is broken is told when it is read. */
function learnStart(shape: ElementShape, start: string, { path }: RecordPath): void {
  const parser = createRecordParser(path)
  try {
    for (const record of parser.write(start)) growShape(shape, record)
  } catch (error) {
    if (!isFault(error)) throw error
  }
}

/** Rows in chunks; once the shape proves too narrow it goes on without rows, to learn the whole of it. */
async function* readPass(
  input: FormatInput,
  { path }: RecordPath,
  shape: ElementShape,
  { limits, signal, limit = Number.POSITIVE_INFINITY }: FormatRequest,
  pass: { hasChanged: boolean; records: number },
): AsyncGenerator<FormatChunk, void, void> {
  const parser = createRecordParser(path)
  let rows: Row[] = []
  let bytes = 0
  for await (const text of textOf(input.open(), findXmlEncoding(input.head.bytes))) {
    signal.throwIfAborted()
    const records = parser.write(text)
    pass.records += records.length
    for (const record of records) {
      if (growShape(shape, record)) pass.hasChanged = true
      if (pass.hasChanged) continue
      rows.push(toRow(record, shape))
      bytes += sizeOf(record)
      if (rows.length >= limits.chunkRows || bytes >= limits.chunkBytes) {
        yield { rows }
        rows = []
        bytes = 0
      }
    }
    // What comes behind the rows that are wanted is of no matter.
    if (pass.records >= limit) break
  }
  if (pass.records < limit) parser.end()
  if (rows.length > 0 && !pass.hasChanged) yield { rows }
}

function sizeOf(element: Element): number {
  const own = element.text.length + element.attributes.reduce((sum, [, value]) => sum + value.length, 64)
  return element.children.reduce((sum, child) => sum + sizeOf(child), own)
}

/** Files of one stream have one shape. */
function recall(shape: ElementShape, { learned }: FormatRequest): void {
  for (const [name, known] of learned ?? []) shape.children.set(name, known as ElementShape)
}

function remember(shape: ElementShape, { learned }: FormatRequest): void {
  for (const [name, child] of shape.children) learned?.set(name, child)
}
