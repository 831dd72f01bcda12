import type { StoredObject } from '@omni/spec'
import { ByteStream } from './byte-stream.ts'
import { unpackAll } from './codec.ts'
import { damaged, orcFault } from './errors.ts'
import { bytesOf, countOf, readMessage } from './protobuf.ts'
import type { OrcType } from './schema.ts'
import type { Stripe, Tail } from './tail.ts'

/** Kinds of streams that hold data; https://orc.apache.org/specification/ORCv1/#stripe-footer */
export const PRESENT = 0
export const DATA = 1
export const LENGTH = 2
export const DICTIONARY = 3
export const SECONDARY = 5

/** How a column of a stripe is encoded. */
export interface Encoding {
  /** 0 direct, 1 dictionary, 2 direct v2, 3 dictionary v2. */
  readonly kind: number
  readonly dictionarySize: number
}

/** One stripe's bytes in memory, of the columns that are read. */
export interface StripeData {
  readonly stripe: Stripe
  readonly encodings: readonly Encoding[]
  readonly writerZone: string | undefined
  /** The stream from its first byte on; undefined where the stripe has none. */
  stream(column: number, kind: number): ByteStream | undefined
}

interface StreamInfo {
  readonly column: number
  readonly kind: number
  readonly start: number
  readonly bytes: number
}

const MAX_FOOTER_BYTES = 64 * 1024 * 1024
/** Packed bytes of one stripe that are held, at most: writers make stripes of 64 to 256 MB. */
const MAX_STRIPE_BYTES = 1024 ** 3
/** Streams that lie closer than this are read at once: a request costs more than the bytes between. */
const MAX_GAP_BYTES = 64 * 1024
/** Bytes of one request, where streams can be told apart. */
const MAX_READ_BYTES = 8 * 1024 * 1024

/** Reads the footer of a stripe and the streams of the columns below `root`, no others. */
export async function readStripe(
  object: StoredObject,
  tail: Tail,
  root: OrcType,
  stripe: Stripe,
  signal: AbortSignal,
): Promise<StripeData> {
  const footer = await readStripeFooter(object, tail, stripe, signal)
  if (footer.encodings.length !== tail.types) {
    throw damaged(`stripe ${stripe.number} has not one encoding a column`)
  }
  const wanted = new Set(columnsOf(root))
  const streams = footer.streams.filter(
    ({ column, kind, bytes }) => bytes > 0 && kind <= SECONDARY && wanted.has(column),
  )
  const total = streams.reduce((sum, { bytes }) => sum + bytes, 0)
  if (total > MAX_STRIPE_BYTES) {
    throw orcFault('file.orc.size', `Stripe ${stripe.number} of the ORC file has ${total} bytes.`)
  }
  const packed = new Map<string, Uint8Array>()
  for (const group of groups(streams)) {
    const first = group[0] as StreamInfo
    const last = group.at(-1) as StreamInfo
    const bytes = await object.read({ start: first.start, end: last.start + last.bytes, signal })
    if (bytes.length < last.start + last.bytes - first.start) {
      throw orcFault('file.orc.truncated', `The ORC file ends in the middle of stripe ${stripe.number}.`)
    }
    for (const { column, kind, start, bytes: length } of group) {
      packed.set(`${column} ${kind}`, bytes.subarray(start - first.start, start - first.start + length))
    }
  }
  return {
    stripe,
    encodings: footer.encodings,
    writerZone: footer.writerZone,
    stream(column, kind) {
      const bytes = packed.get(`${column} ${kind}`)
      return bytes && new ByteStream(bytes, tail.codec)
    },
  }
}

function columnsOf(type: OrcType): readonly number[] {
  return [type.id, ...type.children.flatMap(columnsOf)]
}

interface StripeFooter {
  readonly streams: readonly StreamInfo[]
  readonly encodings: readonly Encoding[]
  readonly writerZone: string | undefined
}

async function readStripeFooter(
  object: StoredObject,
  { codec }: Tail,
  stripe: Stripe,
  signal: AbortSignal,
): Promise<StripeFooter> {
  if (stripe.footerBytes > MAX_FOOTER_BYTES) {
    throw orcFault('file.orc.size', `The footer of stripe ${stripe.number} has ${stripe.footerBytes} bytes.`)
  }
  const start = stripe.start + stripe.indexBytes + stripe.dataBytes
  const packed = await object.read({ start, end: start + stripe.footerBytes, signal })
  if (packed.length < stripe.footerBytes) {
    throw orcFault('file.orc.truncated', `The ORC file ends in the middle of stripe ${stripe.number}.`)
  }
  const streams: StreamInfo[] = []
  const encodings: Encoding[] = []
  let writerZone: string | undefined
  let at = stripe.start
  readMessage(unpackAll(packed, codec, MAX_FOOTER_BYTES), (field, value) => {
    if (field === 1) {
      const stream = readStreamInfo(bytesOf(value, 'a stream'), at)
      at += stream.bytes
      if (at > start) throw damaged(`a stream does not lie in stripe ${stripe.number}`)
      streams.push(stream)
    } else if (field === 2) encodings.push(readEncoding(bytesOf(value, 'an encoding')))
    else if (field === 3) writerZone = Buffer.from(bytesOf(value, 'a time zone')).toString('utf8')
    else if (field === 4) throw orcFault('file.orc.encrypted', 'Columns of the ORC file are encrypted.')
  })
  return { streams, encodings, writerZone }
}

function readStreamInfo(bytes: Uint8Array, start: number): StreamInfo {
  let kind = 0
  let column = 0
  let length = 0
  readMessage(bytes, (field, value) => {
    if (field === 1) kind = countOf(value, 'the kind of a stream')
    else if (field === 2) column = countOf(value, 'the column of a stream')
    else if (field === 3) length = countOf(value, 'the length of a stream')
  })
  return { kind, column, start, bytes: length }
}

function readEncoding(bytes: Uint8Array): Encoding {
  let kind = 0
  let dictionarySize = 0
  readMessage(bytes, (field, value) => {
    if (field === 1) kind = countOf(value, 'an encoding')
    else if (field === 2) dictionarySize = countOf(value, 'the size of a dictionary')
  })
  if (kind > 3)
    throw orcFault('file.orc.unsupported', `A column has the encoding number ${kind}, which is not known.`)
  return { kind, dictionarySize }
}

/** Streams that are read with one request, in the order of the file. */
function groups(streams: readonly StreamInfo[]): StreamInfo[][] {
  const found: StreamInfo[][] = []
  for (const stream of streams) {
    const group = found.at(-1)
    const first = group?.[0]
    const last = group?.at(-1)
    const isNear =
      first &&
      last &&
      stream.start - (last.start + last.bytes) <= MAX_GAP_BYTES &&
      stream.start + stream.bytes - first.start <= MAX_READ_BYTES
    if (isNear) group.push(stream)
    else found.push([stream])
  }
  return found
}
