import { createColumnBuilder, fillBits, setBit, valueWidth } from '@omni/arrow'
import type { Batch, Column, DataType, Schema } from '@omni/spec'
import { CELL } from './book.ts'
import { excelFault } from './errors.ts'
import { kindsOf } from './typing.ts'
import { type CellValues, KIND } from './values.ts'

/** Columns of a batch as it grows, cell by cell. */
export interface ColumnSink {
  readonly bytes: number
  /** False when the cell's value is not of the column's type. */
  add(row: number, kind: number, style: number, bytes: Uint8Array, start: number, end: number): boolean
  finish(rows: number): Column
}

/** Writes a cell as text. */
export type CellText = (
  kind: number,
  style: number,
  bytes: Uint8Array,
  start: number,
  end: number,
) => string | null | undefined

const NO_VALIDITY = new Uint8Array(0)

/** A sink of a typed column. */
export function createSink(type: DataType, values: CellValues): ColumnSink {
  if (type.kind === 'utf8') {
    // An error is no value.
    return new TextSink((kind, ...cell) => (kind === CELL.error ? null : values.text(kind, ...cell)))
  }
  return type.kind === 'decimal' ? new DecimalSink(type, values) : new FixedSink(type, values)
}

/** Rows, and which of them are there. */
abstract class BaseSink {
  protected capacity = 1024
  /** Rows that were written or left out so far. */
  protected length = 0
  private nulls = 0
  private validity: Uint8Array = NO_VALIDITY

  /** Makes `row` the next to write. */
  protected reach(row: number): void {
    if (row < this.length) throw twice()
    if (row > this.length) this.skip(row)
    if (row >= this.capacity) this.grow(row + 1)
    if (this.validity.length > 0) setBit(this.validity, row)
    this.length = row + 1
  }

  protected valid(rows: number): Pick<Column, 'length' | 'nullCount' | 'validity'> {
    if (rows > this.length) this.skip(rows)
    const validity = this.nulls > 0 ? this.validity.subarray(0, (rows + 7) >> 3) : null
    const facts = { length: rows, nullCount: this.nulls, validity }
    this.length = 0
    this.nulls = 0
    this.validity = NO_VALIDITY
    return facts
  }

  private skip(row: number): void {
    if (row > this.capacity) this.grow(row)
    if (this.validity.length === 0) {
      this.validity = new Uint8Array((this.capacity + 7) >> 3)
      fillBits(this.validity, 0, this.length)
    }
    this.nulls += row - this.length
    this.leaveOut(this.length, row)
    this.length = row
  }

  private grow(rows: number): void {
    this.capacity = Math.max(rows, 2 * this.capacity)
    if (this.validity.length > 0) {
      const larger = new Uint8Array((this.capacity + 7) >> 3)
      larger.set(this.validity)
      this.validity = larger
    }
    this.resize()
  }

  protected abstract leaveOut(from: number, to: number): void
  protected abstract resize(): void
}

/** Text: the bytes of the cell, or what `toText` makes of it (null for no value). */
export class TextSink extends BaseSink implements ColumnSink {
  private readonly toText: CellText
  private offsets = new Int32Array(this.capacity + 1)
  private values: Buffer = Buffer.allocUnsafeSlow(16 * this.capacity)
  private used = 0

  constructor(toText: CellText) {
    super()
    this.toText = toText
  }

  get bytes(): number {
    return this.used + 4 * this.length
  }

  add(row: number, kind: number, style: number, bytes: Uint8Array, start: number, end: number): boolean {
    const text = this.toText(kind, style, bytes, start, end)
    if (text === null) return true
    this.reach(row)
    if (text === undefined) {
      const size = end - start
      if (this.used + size > this.values.length) this.room(size)
      const { values, used } = this
      if (size < 64) for (let i = 0; i < size; i++) values[used + i] = bytes[start + i]!
      else values.set(bytes.subarray(start, end), used)
      this.used += size
    } else {
      if (this.used + 3 * text.length > this.values.length) this.room(3 * text.length)
      this.used += this.values.write(text, this.used, 'utf8')
    }
    this.offsets[row + 1] = this.used
    return true
  }

  finish(rows: number): Column {
    const facts = this.valid(rows)
    const offsets = this.offsets.subarray(0, rows + 1)
    const values = new Uint8Array(this.values.buffer, this.values.byteOffset, this.used)
    this.offsets = new Int32Array(this.capacity + 1)
    this.values = Buffer.allocUnsafeSlow(Math.max(1024, this.used + (this.used >> 3)))
    this.used = 0
    return { ...facts, type: { kind: 'utf8' }, offsets, values, children: [] }
  }

  protected leaveOut(from: number, to: number): void {
    this.offsets.fill(this.used, from + 1, to + 1)
  }

  protected resize(): void {
    const larger = new Int32Array(this.capacity + 1)
    larger.set(this.offsets)
    this.offsets = larger
  }

  private room(size: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(this.used + size, 2 * this.values.length))
    larger.set(this.values.subarray(0, this.used))
    this.values = larger
  }
}

/** A column in which no value was seen: the first one contradicts that. */
export class EmptySink implements ColumnSink {
  readonly bytes: number = 0

  add(_row: number, kind: number): boolean {
    return kind === CELL.error
  }

  finish(rows: number): Column {
    return {
      type: { kind: 'utf8' },
      length: rows,
      nullCount: rows,
      validity: rows > 0 ? new Uint8Array((rows + 7) >> 3) : null,
      offsets: new Int32Array(rows + 1),
      values: new Uint8Array(0),
      children: [],
    }
  }
}

/** Values of fixed width, and bits. */
class FixedSink extends BaseSink implements ColumnSink {
  private readonly type: DataType
  private readonly cells: CellValues
  private readonly allowed: number
  private readonly width: number
  private view: DataView

  constructor(type: DataType, cells: CellValues) {
    super()
    this.type = type
    this.cells = cells
    this.allowed = kindsOf(type)
    this.width = valueWidth(type)
    this.view = this.allocate()
  }

  get bytes(): number {
    return this.length * Math.max(1, this.width)
  }

  add(row: number, kind: number, style: number, bytes: Uint8Array, start: number, end: number): boolean {
    const found = this.cells.read(kind, style, bytes, start, end)
    if (found === 0) return true
    if ((found & ~this.allowed) !== 0) return false
    this.reach(row)
    this.write(row, found, bytes, start, end)
    return true
  }

  finish(rows: number): Column {
    const facts = this.valid(rows)
    const size = this.width === 0 ? (rows + 7) >> 3 : rows * this.width
    const values = new Uint8Array(this.view.buffer, 0, size)
    this.view = this.allocate()
    return { ...facts, type: this.type, offsets: null, values, children: [] }
  }

  private write(row: number, found: number, bytes: Uint8Array, start: number, end: number): void {
    const { type, cells, view } = this
    switch (type.kind) {
      case 'int':
        if (found === KIND.bigInt) {
          const text = Buffer.from(bytes.subarray(start, end)).toString('latin1').trim().replace('+', '')
          view.setBigInt64(8 * row, BigInt(text), true)
        } else this.writeWhole(row, cells.number)
        return
      case 'float':
        view.setFloat64(8 * row, cells.number, true)
        return
      case 'date':
        view.setInt32(4 * row, cells.days, true)
        return
      case 'timestamp':
        if (type.unit === 'ms') this.writeWhole(row, cells.days * 86_400_000 + cells.micros / 1000)
        else view.setBigInt64(8 * row, BigInt(cells.days) * 86_400_000_000n + BigInt(cells.micros), true)
        return
      case 'time':
        if (type.unit === 'ms') view.setInt32(4 * row, cells.micros / 1000, true)
        else this.writeWhole(row, cells.micros)
        return
      case 'duration':
        this.writeWhole(row, type.unit === 'ms' ? cells.micros / 1000 : cells.micros)
        return
      default:
        if (cells.number === 1) setBit(new Uint8Array(view.buffer), row)
    }
  }

  /** A whole number that a double holds, in 64 bits. */
  private writeWhole(row: number, value: number): void {
    this.view.setInt32(8 * row, value | 0, true)
    this.view.setInt32(8 * row + 4, Math.floor(value / 4_294_967_296), true)
  }

  private allocate(): DataView {
    return new DataView(new ArrayBuffer(this.capacity * Math.max(1, this.width)))
  }

  protected leaveOut(): void {}

  protected resize(): void {
    const old = new Uint8Array(this.view.buffer)
    this.view = this.allocate()
    new Uint8Array(this.view.buffer).set(old)
  }
}

/** Numbers with more digits than a double holds: few enough to build one by one. */
class DecimalSink implements ColumnSink {
  private readonly builder: ReturnType<typeof createColumnBuilder>
  private readonly cells: CellValues
  private readonly allowed: number

  constructor(type: DataType, cells: CellValues) {
    this.builder = createColumnBuilder(type)
    this.cells = cells
    this.allowed = kindsOf(type)
  }

  get bytes(): number {
    return 16 * this.builder.length
  }

  add(row: number, kind: number, style: number, bytes: Uint8Array, start: number, end: number): boolean {
    const found = this.cells.read(kind, style, bytes, start, end)
    if (found === 0) return true
    if ((found & ~this.allowed) !== 0 || this.cells.shape.scale < 0) return false
    if (this.builder.length > row) throw twice()
    while (this.builder.length < row) this.builder.appendNull()
    try {
      this.builder.append(Buffer.from(bytes.subarray(start, end)).toString('latin1').trim())
    } catch {
      return false
    }
    return true
  }

  finish(rows: number): Column {
    while (this.builder.length < rows) this.builder.appendNull()
    return this.builder.finish()
  }
}

/** The columns as a batch; the sinks begin anew. */
export function finishBatch(schema: Schema, sinks: readonly ColumnSink[], rows: number): Batch {
  return { schema, rows, columns: sinks.map((sink) => sink.finish(rows)) }
}

function twice(): Error {
  return excelFault('file.excel.corrupt', 'A row of a sheet has two cells in one column.')
}
