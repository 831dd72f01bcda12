import type { Column, DataType } from '@omni/spec'
import type { Presence } from './bytes-rle.ts'
import { orcFault } from './errors.ts'
import type { Widening, Widenings } from './schema.ts'
import type { StripeData } from './stripe.ts'
import type { Zone } from './zone.ts'

/** What the readers of a stripe's columns share. */
export interface StripeContext {
  readonly data: StripeData
  readonly budget: Budget
  readonly widenings: Widenings
  readonly isHybrid: boolean
  /** True in the draft of version 2, whose short decimals are plain integers. */
  readonly hasDecimal64: boolean
  /** The writer's zone, made when a column needs it. */
  zone(): Zone
}

/** Reads one column of a stripe, from its first value on. */
export interface ColumnReader {
  /** The next `length` values, of which the parent has those in `parent`; the others are null. */
  read(length: number, parent: Presence): Column
}

/** Bytes that one batch may have. */
export class Budget {
  private all = 0
  private left = 0

  start(bytes: number): void {
    this.all = bytes
    this.left = bytes
  }

  /** Bytes taken since the start. */
  get used(): number {
    return this.all - this.left
  }

  /** Asked before memory is taken. */
  take(bytes: number): void {
    this.left -= bytes
    if (!(this.left >= 0)) throw new BatchTooLarge()
  }
}

/** The batch has to be read again with fewer rows. */
export class BatchTooLarge {}

/** The file has to be read again, with another type for a column. */
export class NeedsWidening {
  readonly column: number
  readonly to: Widening

  constructor(column: number, to: Widening) {
    this.column = column
    this.to = to
  }
}

/** A column of `length` values, whose buffers the reader made. */
export function columnOf(
  type: DataType,
  length: number,
  presence: Presence,
  buffers: Partial<Pick<Column, 'values' | 'offsets' | 'children'>>,
): Column {
  return {
    type,
    length,
    nullCount: length - presence.count,
    validity: presence.bits,
    offsets: null,
    values: new Uint8Array(0),
    children: [],
    ...buffers,
  }
}

/** Moves the first `count` values to where their bits are, from the last on; the others become zero. `width` in slots. */
export function spread(
  values: Int32Array | Uint8Array | Int16Array,
  length: number,
  { bits, count }: Presence,
  width: number,
): void {
  if (bits === null) return
  let from = count
  for (let i = length - 1; i >= 0; i--) {
    if (((bits[i >> 3] as number) >> (i & 7)) & 1) {
      from--
      for (let w = 0; w < width; w++) values[i * width + w] = values[from * width + w] as number
    } else for (let w = 0; w < width; w++) values[i * width + w] = 0
  }
}

/** The fault of a column whose stripe lacks a stream that it needs. */
export function tooFew(column: number, what: string): Error {
  return orcFault('file.orc.corrupt', `The ORC file is damaged: column ${column} has no ${what}.`)
}
