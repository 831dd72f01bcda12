import type { StoredObject } from '@omni/spec'
import { type Codec, codecOf, unpackAll } from './codec.ts'
import { damaged, orcFault } from './errors.ts'
import { bytesOf, countOf, numbersOf, readMessage } from './protobuf.ts'
import { type OrcType, type RawType, typeTree } from './schema.ts'

/** What is used of the end of a file; https://orc.apache.org/specification/ORCv1/#file-tail */
export interface Tail {
  readonly codec: Codec
  /** As in `0.12`; `1.9999` is the draft of version 2. */
  readonly version: string
  readonly writer: number
  /** True where dates before 1582-10-15 are counted in the Julian calendar. */
  readonly isHybrid: boolean
  readonly rows: number
  readonly stripes: readonly Stripe[]
  readonly root: OrcType
  /** Types in the file: every stripe says how each is encoded. */
  readonly types: number
}

/** Rows that are stored together. */
export interface Stripe {
  /** Counted from 0. */
  readonly number: number
  readonly start: number
  readonly indexBytes: number
  readonly dataBytes: number
  readonly footerBytes: number
  readonly rows: number
}

/** Bytes of the end that are read at first: mostly all there is. */
const FIRST_READ = 64 * 1024
/** Real footers of very wide files have some megabytes. */
const MAX_FOOTER_BYTES = 128 * 1024 * 1024
/** Writers by number, https://orc.apache.org/specification/ORCv1/#footer : only Java's own wrote the hybrid calendar. */
const JAVA = 0
const PROLEPTIC = 2

interface PostScript {
  readonly footerBytes: number
  readonly codec: Codec
  readonly version: string
}

/** Reads and checks PostScript and Footer. */
export async function readTail(object: StoredObject, size: number, signal?: AbortSignal): Promise<Tail> {
  const range = signal ? { signal } : {}
  const start = Math.max(0, size - FIRST_READ)
  const end = await object.read({ start, end: size, ...range })
  const length = end[end.length - 1]
  if (length === undefined || length === 0 || length + 1 > end.length || end.length < size - start) {
    throw orcFault('file.orc.truncated', 'The ORC file has no end.')
  }
  const postScriptAt = end.length - 1 - length
  const postScript = readPostScript(end.subarray(postScriptAt, end.length - 1))
  const { footerBytes } = postScript
  if (footerBytes > size - 1 - length)
    throw orcFault('file.orc.truncated', 'The footer of the ORC file would begin before the file.')
  if (footerBytes > MAX_FOOTER_BYTES) {
    throw orcFault('file.orc.size', `The footer of the ORC file has ${footerBytes} bytes.`)
  }
  const footerEnd = size - 1 - length
  const footerStart = footerEnd - footerBytes
  const packed =
    footerStart >= start
      ? end.subarray(footerStart - start, postScriptAt)
      : await object.read({ start: footerStart, end: footerEnd, ...range })
  return readFooter(unpackAll(packed, postScript.codec, MAX_FOOTER_BYTES), postScript, footerStart)
}

function readPostScript(bytes: Uint8Array): PostScript {
  let footerBytes = 0
  let kind = 0
  let blockBytes: number | undefined
  const version: number[] = []
  let magic = 'ORC'
  readMessage(bytes, (field, value) => {
    if (field === 1) footerBytes = countOf(value, 'the length of its footer')
    else if (field === 2) kind = countOf(value, 'its compression')
    else if (field === 3) blockBytes = countOf(value, 'the size of its chunks')
    else if (field === 4) version.push(...numbersOf(value))
    else if (field === 8000) magic = Buffer.from(bytesOf(value, 'its magic')).toString('latin1')
  })
  if (magic !== 'ORC')
    throw orcFault('file.orc.truncated', 'The ORC file has no end: its last bytes are no PostScript.')
  return { footerBytes, codec: codecOf(kind, blockBytes), version: version.join('.') }
}

function readFooter(bytes: Uint8Array, { codec, version }: PostScript, limit: number): Tail {
  const stripes: Stripe[] = []
  const raws: RawType[] = []
  let said: number | undefined
  let writer = JAVA
  let calendar: number | undefined
  readMessage(bytes, (field, value) => {
    if (field === 3) stripes.push(readStripe(bytesOf(value, 'a stripe'), stripes.length, limit))
    else if (field === 4) raws.push(readType(bytesOf(value, 'a type')))
    else if (field === 6) said = countOf(value, 'its number of rows')
    else if (field === 9) writer = countOf(value, 'its writer')
    else if (field === 10) throw orcFault('file.orc.encrypted', 'Columns of the ORC file are encrypted.')
    else if (field === 11) calendar = countOf(value, 'its calendar')
  })
  const rows = stripes.reduce((sum, stripe) => sum + stripe.rows, 0)
  if (said !== undefined && said !== rows) throw damaged(`its stripes have ${rows} rows, and it says ${said}`)
  // Version 19.99 and others may have no types at all: a file without columns.
  const root = raws.length === 0 ? typeTree([NO_COLUMNS]) : typeTree(raws)
  const isHybrid = calendar === undefined || calendar === 0 ? writer === JAVA : calendar !== PROLEPTIC
  return { codec, version, writer, isHybrid, rows, stripes, root, types: raws.length }
}

const NO_COLUMNS: RawType = { kind: 12, subtypes: [], names: [], maxLength: 0, precision: 0, scale: 0 }

function readStripe(bytes: Uint8Array, number: number, limit: number): Stripe {
  const found = [0, 0, 0, 0, 0, 0]
  readMessage(bytes, (field, value) => {
    if (field >= 1 && field <= 5) found[field] = countOf(value, `a number of stripe ${number}`)
  })
  const [, start = 0, indexBytes = 0, dataBytes = 0, footerBytes = 0, rows = 0] = found
  if (start + indexBytes + dataBytes + footerBytes > limit)
    throw damaged(`stripe ${number} does not lie in the file`)
  return { number, start, indexBytes, dataBytes, footerBytes, rows }
}

function readType(bytes: Uint8Array): RawType {
  const subtypes: number[] = []
  const names: string[] = []
  let kind = 0
  let maxLength = 0
  let precision = 0
  let scale = 0
  readMessage(bytes, (field, value) => {
    if (field === 1) kind = countOf(value, 'a type')
    else if (field === 2) subtypes.push(...numbersOf(value))
    else if (field === 3) names.push(Buffer.from(bytesOf(value, 'a name')).toString('utf8'))
    else if (field === 4) maxLength = countOf(value, 'a length')
    else if (field === 5) precision = countOf(value, 'a precision')
    else if (field === 6) scale = countOf(value, 'a scale')
  })
  if (precision > 38 || (precision > 0 && scale > precision))
    throw damaged('a decimal has more digits than there can be')
  return { kind, subtypes, names, maxLength, precision, scale }
}

/** The stripes that the option `stripes` names, in the order of the file. */
export function selectStripes({ stripes }: Tail, text: string | undefined): readonly Stripe[] {
  if (text === undefined) return stripes
  const ranges = text.split(',').map((range) => {
    const ends = range.split('-').map(Number)
    return { first: ends[0] ?? 0, last: ends.at(-1) ?? 0 }
  })
  for (const { first, last } of ranges) {
    if (first > last || last >= stripes.length) {
      const why = `The stripes ${first} to ${last} are asked for; the file has ${stripes.length}, counted from 0.`
      throw orcFault('file.orc.stripes', why)
    }
  }
  return stripes.filter(({ number }) => ranges.some(({ first, last }) => number >= first && number <= last))
}
