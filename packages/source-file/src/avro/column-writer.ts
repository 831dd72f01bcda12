import { isAscii, isUtf8 } from 'node:buffer'
import { bitBytes, fillBits, setBit } from '@omni/arrow'
import type { Column, DataType } from '@omni/spec'
import type { Cursor } from './cursor.ts'
import { Damage } from './errors.ts'
import type { Widening } from './schema.ts'

/** Reads values of one type from blocks and appends them to a column. */
export abstract class ColumnWriter {
  readonly type: DataType
  readonly isNullable: boolean
  length = 0
  protected capacity = 64
  private nullCount = 0
  protected validity: Uint8Array | null = null

  constructor(type: DataType, isNullable: boolean) {
    this.type = type
    this.isNullable = isNullable
  }

  /** Appends the value at the cursor. */
  read(cursor: Cursor): void {
    if (this.length === this.capacity) this.grow()
    this.readValue(cursor)
    if (this.validity !== null) setBit(this.validity, this.length)
    this.length++
  }

  /** Appends nothing: null, or below a parent that is null, something empty where nulls are not allowed. */
  skip(): void {
    if (this.length === this.capacity) this.grow()
    this.skipValue()
    if (this.isNullable) {
      if (this.validity === null) {
        this.validity = new Uint8Array(bitBytes(this.capacity))
        fillBits(this.validity, 0, this.length)
      }
      this.nullCount++
    }
    this.length++
  }

  /** The column so far; then the writer is empty. */
  finish(): Column {
    const { type, length, nullCount } = this
    const validity = this.validity === null ? null : this.validity.subarray(0, bitBytes(length))
    const column = { type, length, nullCount, validity, ...this.take(length) }
    this.length = 0
    this.nullCount = 0
    this.validity = null
    return column
  }

  protected grow(): void {
    this.capacity *= 2
    if (this.validity !== null) {
      const wider = new Uint8Array(bitBytes(this.capacity))
      wider.set(this.validity)
      this.validity = wider
    }
    this.resize(this.capacity)
  }

  /** Writes the value at `length`. */
  protected abstract readValue(cursor: Cursor): void
  /** Makes the value at `length` empty. */
  protected abstract skipValue(): void
  protected abstract resize(capacity: number): void
  /** Buffers of the first `length` values, given away. */
  protected abstract take(length: number): Pick<Column, 'values' | 'offsets' | 'children'>
}

const NO_BYTES = new Uint8Array(0)

export class NullWriter extends ColumnWriter {
  protected readValue(): void {}
  protected skipValue(): void {}
  protected resize(): void {}
  protected take(): Pick<Column, 'values' | 'offsets' | 'children'> {
    return { values: NO_BYTES, offsets: null, children: [] }
  }
  override finish(): Column {
    const column = super.finish()
    return { ...column, nullCount: column.length, validity: null }
  }
}

export class BoolWriter extends ColumnWriter {
  private bits: Uint8Array = new Uint8Array(bitBytes(this.capacity))

  // As in the base class, but compiled for this class alone: a shared one has to ask what each call is about.
  override read(cursor: Cursor): void {
    if (this.length === this.capacity) this.grow()
    this.readValue(cursor)
    if (this.validity !== null) setBit(this.validity, this.length)
    this.length++
  }
  protected readValue(cursor: Cursor): void {
    const byte = cursor.bytes[cursor.at++]
    if (byte === 1) setBit(this.bits, this.length)
    else if (byte !== 0) throw new Damage('a boolean is neither 0 nor 1')
  }
  protected skipValue(): void {}
  protected resize(capacity: number): void {
    const wider = new Uint8Array(bitBytes(capacity))
    wider.set(this.bits)
    this.bits = wider
  }
  protected take(length: number): Pick<Column, 'values' | 'offsets' | 'children'> {
    const values = this.bits.subarray(0, bitBytes(length))
    this.bits = new Uint8Array(bitBytes(this.capacity))
    return { values, offsets: null, children: [] }
  }
}

/** Values of `words` 32-bit words each, little-endian. */
abstract class WordsWriter extends ColumnWriter {
  protected readonly words: number
  protected values: Int32Array

  constructor(type: DataType, isNullable: boolean, words: number) {
    super(type, isNullable)
    this.words = words
    this.values = new Int32Array(this.capacity * words)
  }

  protected skipValue(): void {}
  protected resize(capacity: number): void {
    const wider = new Int32Array(capacity * this.words)
    wider.set(this.values)
    this.values = wider
  }
  protected take(length: number): Pick<Column, 'values' | 'offsets' | 'children'> {
    const { values, words } = this
    this.values = new Int32Array(this.capacity * words)
    return { values: new Uint8Array(values.buffer, 0, length * words * 4), offsets: null, children: [] }
  }
}

/** int, and dates and times of 32 bits. */
export class IntWriter extends WordsWriter {
  constructor(type: DataType, isNullable: boolean) {
    super(type, isNullable, 1)
  }
  // As in the base class, but compiled for this class alone: a shared one has to ask what each call is about.
  override read(cursor: Cursor): void {
    if (this.length === this.capacity) this.grow()
    this.readValue(cursor)
    if (this.validity !== null) setBit(this.validity, this.length)
    this.length++
  }
  protected readValue(cursor: Cursor): void {
    this.values[this.length] = cursor.int()
  }
}

/** long, and times of 64 bits. */
export class LongWriter extends WordsWriter {
  constructor(type: DataType, isNullable: boolean) {
    super(type, isNullable, 2)
  }
  // As in the base class, but compiled for this class alone: a shared one has to ask what each call is about.
  override read(cursor: Cursor): void {
    if (this.length === this.capacity) this.grow()
    this.readValue(cursor)
    if (this.validity !== null) setBit(this.validity, this.length)
    this.length++
  }
  protected readValue(cursor: Cursor): void {
    cursor.long()
    const at = this.length * 2
    this.values[at] = cursor.lo
    this.values[at + 1] = cursor.hi
  }
}

/** float, double, and anything else that is little-endian words in the file too. */
export class RawWriter extends WordsWriter {
  // As in the base class, but compiled for this class alone: a shared one has to ask what each call is about.
  override read(cursor: Cursor): void {
    if (this.length === this.capacity) this.grow()
    this.readValue(cursor)
    if (this.validity !== null) setBit(this.validity, this.length)
    this.length++
  }
  protected readValue(cursor: Cursor): void {
    const { bytes } = cursor
    let from = cursor.at
    const start = this.length * this.words
    for (let i = start; i < start + this.words; i++, from += 4) {
      this.values[i] =
        (bytes[from] as number) |
        ((bytes[from + 1] as number) << 8) |
        ((bytes[from + 2] as number) << 16) |
        ((bytes[from + 3] as number) << 24)
    }
    cursor.at = from
  }
}

/** fixed. */
export class FixedWriter extends ColumnWriter {
  private readonly size: number
  private values: Uint8Array

  constructor(type: DataType, isNullable: boolean, size: number) {
    super(type, isNullable)
    this.size = size
    this.values = new Uint8Array(this.capacity * size)
  }

  protected readValue(cursor: Cursor): void {
    const { size } = this
    if (size > cursor.end - cursor.at) throw new Damage('a value goes beyond its block')
    this.values.set(cursor.bytes.subarray(cursor.at, cursor.at + size), this.length * size)
    cursor.at += size
  }
  protected skipValue(): void {}
  protected resize(capacity: number): void {
    const wider = new Uint8Array(capacity * this.size)
    wider.set(this.values)
    this.values = wider
  }
  protected take(length: number): Pick<Column, 'values' | 'offsets' | 'children'> {
    const values = this.values.subarray(0, length * this.size)
    this.values = new Uint8Array(this.capacity * this.size)
    return { values, offsets: null, children: [] }
  }
}

/** Values shorter than this are copied by a loop: below it, a call into the runtime costs more. */
const SHORT = 24
const MAX_BYTES = 0x7fff_ffff

/** Bytes of any length behind offsets. */
export abstract class VarWriter extends ColumnWriter {
  private offsets: Int32Array = new Int32Array(this.capacity + 1)
  private bytes: Uint8Array = new Uint8Array(this.capacity * 16)
  private used = 0

  protected put(from: Uint8Array, start: number, end: number): void {
    const size = end - start
    if (this.used + size > this.bytes.length) this.makeRoom(size)
    const { bytes, used } = this
    if (size < SHORT) for (let i = 0; i < size; i++) bytes[used + i] = from[start + i] as number
    else bytes.set(from.subarray(start, end), used)
    this.used += size
    this.offsets[this.length + 1] = this.used
  }
  protected skipValue(): void {
    this.offsets[this.length + 1] = this.used
  }
  protected resize(capacity: number): void {
    const wider = new Int32Array(capacity + 1)
    wider.set(this.offsets)
    this.offsets = wider
  }
  protected take(length: number): Pick<Column, 'values' | 'offsets' | 'children'> {
    const offsets = this.offsets.subarray(0, length + 1)
    const values = this.bytes.subarray(0, this.used)
    this.offsets = new Int32Array(this.capacity + 1)
    this.bytes = new Uint8Array(Math.max(1024, this.used))
    this.used = 0
    return { values, offsets, children: [] }
  }
  private makeRoom(size: number): void {
    const needed = this.used + size
    if (needed > MAX_BYTES) throw new Damage('a batch has more than 2 GiB of text', 'file.avro.size')
    const wider = new Uint8Array(Math.min(MAX_BYTES, Math.max(needed, this.bytes.length * 2)))
    wider.set(this.bytes.subarray(0, this.used))
    this.bytes = wider
  }
}

/** The file has to be read again, with another type for a column. */
export class NeedsWidening {
  readonly path: string
  readonly to: Widening

  constructor(path: string, to: Widening) {
    this.path = path
    this.to = to
  }
}

/** bytes and string. */
export class BytesWriter extends VarWriter {
  private readonly path: string

  constructor(type: DataType, isNullable: boolean, path: string) {
    super(type, isNullable)
    this.path = path
  }
  // As in the base class, but compiled for this class alone: a shared one has to ask what each call is about.
  override read(cursor: Cursor): void {
    if (this.length === this.capacity) this.grow()
    this.readValue(cursor)
    if (this.validity !== null) setBit(this.validity, this.length)
    this.length++
  }
  protected readValue(cursor: Cursor): void {
    const length = cursor.length()
    this.put(cursor.bytes, cursor.at, cursor.at + length)
    cursor.at += length
  }
  protected override take(length: number): Pick<Column, 'values' | 'offsets' | 'children'> {
    const buffers = super.take(length)
    if (this.type.kind === 'utf8' && !isText(buffers.values, buffers.offsets)) {
      throw new NeedsWidening(this.path, 'binary')
    }
    return buffers
  }
}

function isText(bytes: Uint8Array, offsets: Int32Array | null): boolean {
  if (isAscii(bytes)) return true
  if (!isUtf8(bytes) || offsets === null) return false
  // A value that begins inside a character: 10xxxxxx.
  return !offsets.some((offset) => ((bytes[offset] ?? 0) & 0xc0) === 0x80)
}

/** enum, as the text of its symbol. */
export class EnumWriter extends VarWriter {
  private readonly symbols: readonly Uint8Array[]

  constructor(type: DataType, isNullable: boolean, symbols: readonly string[]) {
    super(type, isNullable)
    this.symbols = symbols.map((symbol) => Buffer.from(symbol))
  }
  protected readValue(cursor: Cursor): void {
    const symbol = this.symbols[cursor.int()]
    if (!symbol) throw new Damage('an enum has a symbol that its type lacks')
    this.put(symbol, 0, symbol.length)
  }
}

/** Any type that has no column of its own, as text. */
export class TextWriter extends VarWriter {
  private readonly textOf: (cursor: Cursor) => string

  constructor(type: DataType, isNullable: boolean, textOf: (cursor: Cursor) => string) {
    super(type, isNullable)
    this.textOf = textOf
  }
  protected readValue(cursor: Cursor): void {
    const bytes = Buffer.from(this.textOf(cursor))
    this.put(bytes, 0, bytes.length)
  }
}
