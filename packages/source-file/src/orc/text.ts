import { isAscii, isUtf8 } from 'node:buffer'
import type { DataType } from '@omni/spec'
import type { Presence } from './bytes-rle.ts'
import {
  BatchTooLarge,
  type ColumnReader,
  columnOf,
  NeedsWidening,
  type StripeContext,
  tooFew,
} from './context.ts'
import { damaged, orcFault } from './errors.ts'
import { intReader } from './numbers.ts'
import type { OrcType } from './schema.ts'
import { DATA, DICTIONARY, LENGTH } from './stripe.ts'

/** Bytes of one dictionary, at most. */
const MAX_DICTIONARY_BYTES = 512 * 1024 * 1024
const MAX_BYTES = 0x7fff_ffff
/** Values shorter than this are copied by a loop: below it, a call into the runtime costs more. */
const SHORT = 24

/** string, varchar, char and binary; https://orc.apache.org/specification/ORCv1/#string-char-and-varchar-columns */
export function createTextColumn(type: OrcType, dataType: DataType, context: StripeContext): ColumnReader {
  const encoding = context.data.encodings[type.id]?.kind ?? 0
  const isText = dataType.kind === 'utf8'
  return encoding === 1 || encoding === 3
    ? createDictionaryColumn(type, dataType, context, isText)
    : createDirectColumn(type, dataType, context, isText)
}

function createDirectColumn(
  type: OrcType,
  dataType: DataType,
  context: StripeContext,
  isText: boolean,
): ColumnReader {
  const lengths = intReader(context, type.id, LENGTH, false)
  const bytes = context.data.stream(type.id, DATA)
  return {
    read(length, presence) {
      context.budget.take(length * 8)
      const sizes = new Int32Array(presence.count)
      if (presence.count > 0) {
        if (!lengths) throw tooFew(type.id, 'lengths')
        lengths.read32(sizes, 0, presence.count)
      }
      const offsets = offsetsOf(sizes, length, presence)
      const total = offsets[length] as number
      context.budget.take(total)
      const values = new Uint8Array(total)
      if (total > 0) {
        if (!bytes) throw tooFew(type.id, 'data')
        bytes.take(values, 0, total)
      }
      if (isText && !isTextOf(values, offsets)) throw new NeedsWidening(type.id, 'binary')
      return columnOf(dataType, length, presence, { offsets, values })
    },
  }
}

/** Sums of lengths; null values have none. */
export function offsetsOf(sizes: Int32Array, length: number, { bits }: Presence): Int32Array {
  const offsets = new Int32Array(length + 1)
  let end = 0
  let from = 0
  for (let i = 0; i < length; i++) {
    if (bits === null || ((bits[i >> 3] as number) >> (i & 7)) & 1) {
      const size = sizes[from++] as number
      if (size < 0) throw damaged('a length is negative')
      end += size
      if (end > MAX_BYTES) throw new BatchTooLarge()
    }
    offsets[i + 1] = end
  }
  return offsets
}

interface Dictionary {
  readonly offsets: Int32Array
  readonly bytes: Buffer
}

function createDictionaryColumn(
  type: OrcType,
  dataType: DataType,
  context: StripeContext,
  isText: boolean,
): ColumnReader {
  const indices = intReader(context, type.id, DATA, false)
  let dictionary: Dictionary | undefined
  return {
    read(length, presence) {
      context.budget.take(length * 8)
      dictionary ??= readDictionary(type, context, isText)
      const places = new Int32Array(presence.count)
      if (presence.count > 0) {
        if (!indices) throw tooFew(type.id, 'data')
        indices.read32(places, 0, presence.count)
      }
      return columnOf(dataType, length, presence, lookUp(dictionary, places, length, presence, context))
    },
  }
}

function lookUp(
  dictionary: Dictionary,
  places: Int32Array,
  length: number,
  presence: Presence,
  { budget }: StripeContext,
): { readonly offsets: Int32Array; readonly values: Uint8Array } {
  const { offsets: starts, bytes } = dictionary
  const sizes = new Int32Array(places.length)
  const entries = starts.length - 1
  for (let i = 0; i < places.length; i++) {
    const place = places[i] as number
    if (place < 0 || place >= entries) throw damaged('a value lies outside of its dictionary')
    sizes[i] = (starts[place + 1] as number) - (starts[place] as number)
  }
  const offsets = offsetsOf(sizes, length, presence)
  const total = offsets[length] as number
  budget.take(total)
  const values = new Uint8Array(total)
  for (let i = 0, to = 0; i < places.length; i++) {
    const from = starts[places[i] as number] as number
    const size = sizes[i] as number
    if (size < SHORT) for (let b = 0; b < size; b++) values[to + b] = bytes[from + b] as number
    else values.set(bytes.subarray(from, from + size), to)
    to += size
  }
  return { offsets, values }
}

function readDictionary(type: OrcType, context: StripeContext, isText: boolean): Dictionary {
  const size = context.data.encodings[type.id]?.dictionarySize ?? 0
  if (size * 4 > MAX_DICTIONARY_BYTES) throw tooLarge(type)
  const sizes = new Int32Array(size)
  if (size > 0) {
    const lengths = intReader(context, type.id, LENGTH, false)
    if (!lengths) throw tooFew(type.id, 'lengths')
    lengths.read32(sizes, 0, size)
  }
  const offsets = new Int32Array(size + 1)
  let end = 0
  for (let i = 0; i < size; i++) {
    if ((sizes[i] as number) < 0) throw damaged('a length is negative')
    end += sizes[i] as number
    if (end > MAX_DICTIONARY_BYTES) throw tooLarge(type)
    offsets[i + 1] = end
  }
  const bytes = Buffer.alloc(end)
  if (end > 0) {
    const stream = context.data.stream(type.id, DICTIONARY)
    if (!stream) throw tooFew(type.id, 'dictionary')
    stream.take(bytes, 0, end)
  }
  if (isText && !isTextOf(bytes, offsets)) throw new NeedsWidening(type.id, 'binary')
  return { offsets, bytes }
}

function tooLarge({ id }: OrcType): Error {
  return orcFault(
    'file.orc.size',
    `The dictionary of column ${id} has more than ${MAX_DICTIONARY_BYTES} bytes.`,
  )
}

/** True where every value is UTF-8. */
function isTextOf(bytes: Uint8Array, offsets: Int32Array): boolean {
  if (isAscii(bytes)) return true
  if (!isUtf8(bytes)) return false
  for (let i = 1; i < offsets.length; i++) {
    // A value that begins inside a character: 10xxxxxx.
    if (((bytes[offsets[i] as number] ?? 0) & 0xc0) === 0x80) return false
  }
  return true
}
