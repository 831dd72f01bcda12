import { Buffer } from 'node:buffer'
import type { Column, DataType } from '@omni/spec'
import { BaseBuilder, type ColumnBuilder } from './builder.ts'
import { inexact, tooLarge, wrongKind } from './faults.ts'

/** A builder of utf8 or binary that also takes bytes as they are. */
export interface BytesBuilder extends ColumnBuilder {
  /** Appends bytes `start` to `end`. In a utf8 column they must be valid UTF-8; that is the caller's to know. */
  appendBytes(bytes: Uint8Array, start?: number, end?: number): void
}

/** Longest text that is written by a loop: below it, a call into the runtime costs more. */
const SHORT = 24

const MAX_BYTES = 0x7fff_ffff

/** Variable-length bytes behind int32 offsets. */
export class VarBuilder extends BaseBuilder implements BytesBuilder {
  private offsets: Int32Array
  private bytes: Buffer
  private used = 0
  private readonly toText: ((value: unknown) => string) | null

  /** `toText` makes text of values that are no string; without it they are refused. */
  constructor(type: DataType, capacity: number, toText: ((value: unknown) => string) | null) {
    super(type, capacity, null)
    this.toText = toText
    this.offsets = new Int32Array(this.capacity + 1)
    this.bytes = allocate(this.capacity * 16)
  }

  appendBytes(bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    if (this.length === this.capacity) this.grow()
    this.putBytes(bytes, start, end)
    this.present()
  }

  protected put(value: unknown): void {
    if (this.type.kind === 'utf8') {
      if (typeof value === 'string') this.putText(value)
      else if (this.toText !== null) this.putText(this.toText(value))
      else throw wrongKind(this.type, value)
    } else if (value instanceof Uint8Array) this.putBytes(value, 0, value.length)
    else throw wrongKind(this.type, value)
  }

  protected putNull(): void {
    this.offsets[this.length + 1] = this.used
  }

  protected resize(): void {
    const wider = new Int32Array(this.capacity + 1)
    wider.set(this.offsets)
    this.offsets = wider
  }

  protected cut(): void {
    this.used = this.offsets[this.length] as number
  }

  protected take(): Pick<Column, 'values' | 'offsets' | 'children'> {
    const offsets = this.offsets.subarray(0, this.length + 1)
    const { buffer, byteOffset } = this.bytes
    const values = new Uint8Array(buffer, byteOffset, this.used)
    this.offsets = new Int32Array(this.capacity + 1)
    this.bytes = allocate(Math.max(64, this.used + (this.used >> 3)))
    this.used = 0
    return { values, offsets, children: [] }
  }

  private putBytes(bytes: Uint8Array, start: number, end: number): void {
    this.room(end - start)
    this.bytes.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end), this.used)
    this.used += end - start
    this.offsets[this.length + 1] = this.used
  }

  private putText(text: string): void {
    this.room(text.length * 3)
    const written = text.length < SHORT ? this.writeAscii(text) : -1
    this.used = written >= 0 ? written : this.writeUtf8(text)
    this.offsets[this.length + 1] = this.used
  }

  /** The end of the text if it is ASCII, else -1. */
  private writeAscii(text: string): number {
    const { bytes, used } = this
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code > 127) return -1
      bytes[used + i] = code
    }
    return used + text.length
  }

  private writeUtf8(text: string): number {
    const written = this.bytes.write(text, this.used, 'utf8')
    // A lone surrogate has no UTF-8; the runtime would write U+FFFD instead.
    if (written !== text.length && !text.isWellFormed()) throw inexact(this.type)
    return this.used + written
  }

  private room(bytes: number): void {
    const needed = this.used + bytes
    if (needed <= this.bytes.length) return
    if (needed > MAX_BYTES) throw tooLarge(this.type)
    const wider = allocate(Math.min(MAX_BYTES, Math.max(needed, this.bytes.length * 2)))
    wider.set(this.bytes.subarray(0, this.used))
    this.bytes = wider
  }
}

/** Not from Node's shared pool: the buffer is given away. */
function allocate(bytes: number): Buffer {
  return Buffer.allocUnsafeSlow(bytes)
}
