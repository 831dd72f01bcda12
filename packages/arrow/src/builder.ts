import type { Column, DataType } from '@omni/spec'
import { bitBytes, clearBit, copyBits, fillBits, setBit } from './bits.ts'
import { wrongKind } from './faults.ts'

/**
 * Builds one column by appending. Every value is held exactly, or `append` throws the fault `arrow.value.*` of kind
 * `data` and leaves the builder as it was.
 */
export interface ColumnBuilder {
  readonly type: DataType
  readonly length: number
  readonly nullCount: number
  /** Appends a value in any of the forms that the type takes (see README); null and undefined are null. */
  append(value: unknown): void
  appendNull(): void
  /** Forgets all values from index `length` on. */
  truncate(length: number): void
  /** The column built so far, whose buffers the builder gives away; then it is empty. */
  finish(): Column
}

/**
 * `declared`: values are converted to the type where that is exact (text to numbers, ISO text to timestamps).
 * `inferred`: only values of the type's own kind are taken, and a utf8 column takes every kind as text.
 */
export type BuilderMode = 'declared' | 'inferred'

/** What every builder shares: length, validity, growth by doubling. */
export abstract class BaseBuilder implements ColumnBuilder {
  readonly type: DataType
  length = 0
  nullCount = 0
  protected capacity: number
  protected readonly accepts: ((value: unknown) => boolean) | null
  private validity: Uint8Array | null = null

  constructor(type: DataType, capacity: number, accepts: ((value: unknown) => boolean) | null) {
    this.type = type
    this.capacity = Math.max(8, capacity)
    this.accepts = accepts
  }

  append(value: unknown): void {
    if (value === null || value === undefined) {
      this.appendNull()
      return
    }
    if (this.accepts !== null && !this.accepts(value)) throw wrongKind(this.type, value)
    if (this.length === this.capacity) this.grow()
    this.put(value)
    this.present()
  }

  appendNull(): void {
    if (this.length === this.capacity) this.grow()
    this.validity ??= this.allValid()
    this.putNull()
    this.nullCount++
    this.length++
  }

  truncate(length: number): void {
    for (let i = length; i < this.length; i++) {
      if (this.validity === null) break
      if (((this.validity[i >> 3] as number) >> (i & 7)) & 1) clearBit(this.validity, i)
      else this.nullCount--
    }
    this.length = Math.min(length, this.length)
    this.cut()
  }

  finish(): Column {
    const validity =
      this.nullCount > 0 && this.validity !== null ? this.validity.subarray(0, bitBytes(this.length)) : null
    const column = {
      ...this.take(),
      type: this.type,
      length: this.length,
      nullCount: this.nullCount,
      validity,
    }
    this.length = 0
    this.nullCount = 0
    this.validity = null
    return column
  }

  /** Counts a value that `put` has written. */
  protected present(): void {
    if (this.validity !== null) setBit(this.validity, this.length)
    this.length++
  }

  protected grow(): void {
    this.capacity *= 2
    if (this.validity !== null) {
      const wider = new Uint8Array(bitBytes(this.capacity))
      copyBits(this.validity, 0, wider, 0, this.length)
      this.validity = wider
    }
    this.resize()
  }

  private allValid(): Uint8Array {
    const bits = new Uint8Array(bitBytes(this.capacity))
    fillBits(bits, 0, this.length)
    return bits
  }

  /** Writes the value at `length`, or throws with nothing changed. */
  protected abstract put(value: unknown): void
  /** Makes index `length` an empty value. */
  protected abstract putNull(): void
  /** Makes room for `capacity` values. */
  protected abstract resize(): void
  /** Drops what lies beyond `length`. */
  protected abstract cut(): void
  /** Buffers of the first `length` values; starts anew. */
  protected abstract take(): Pick<Column, 'values' | 'offsets' | 'children'>
}

const NO_BYTES = new Uint8Array(0)

/** Values of a `null` column: only their number. */
export class NullBuilder extends BaseBuilder {
  protected put(value: unknown): void {
    throw wrongKind(this.type, value)
  }
  protected putNull(): void {}
  protected resize(): void {}
  protected cut(): void {}
  protected take(): Pick<Column, 'values' | 'offsets' | 'children'> {
    return { values: NO_BYTES, offsets: null, children: [] }
  }
  override finish(): Column {
    return { ...super.finish(), validity: null }
  }
}

/** Bits, least significant first. */
export class BoolBuilder extends BaseBuilder {
  private bits: Uint8Array = new Uint8Array(bitBytes(this.capacity))

  protected put(value: unknown): void {
    if (typeof value !== 'boolean') throw wrongKind(this.type, value)
    if (value) setBit(this.bits, this.length)
  }
  protected putNull(): void {}
  protected resize(): void {
    const wider = new Uint8Array(bitBytes(this.capacity))
    wider.set(this.bits)
    this.bits = wider
  }
  protected cut(): void {
    const bytes = bitBytes(this.length)
    this.bits.fill(0, bytes)
    if ((this.length & 7) !== 0) {
      this.bits[bytes - 1] = (this.bits[bytes - 1] as number) & ((1 << (this.length & 7)) - 1)
    }
  }
  protected take(): Pick<Column, 'values' | 'offsets' | 'children'> {
    const values = this.bits.subarray(0, bitBytes(this.length))
    this.bits = new Uint8Array(bitBytes(this.capacity))
    return { values, offsets: null, children: [] }
  }
}
