import type { Batch, Schema } from '@omni/spec'
import type { CellConsumer } from './book.ts'
import { type ColumnSink, finishBatch } from './columns.ts'

/** Rows after which the size of the batch is looked at. */
const CHECK_ROWS = 64

interface HeldCell {
  readonly column: number
  readonly kind: number
  readonly style: number
  readonly bytes: Uint8Array
}

/** What a {@link TableConsumer} is made of. */
export interface TableShape {
  readonly schema: Schema
  readonly sinks: readonly ColumnSink[]
  readonly firstRow: number
  readonly firstColumn: number
  readonly isGrid: boolean
  readonly maxRows: number
  readonly maxBytes: number
}

/** Puts the cells of a table into columns. */
export class TableConsumer implements CellConsumer {
  /** Rows of the batch so far. */
  rows = 0
  /** Why the columns do not fit what the sheet holds. */
  contradiction: string | undefined
  private readonly shape: TableShape
  /** Row of the sheet that is the first of the batch; only a grid counts rows that are empty. */
  private base: number
  private row_ = -1
  private at = -1
  private isSkipped = true
  /** A row after so many empty ones that these are given out first. */
  private held: { readonly row: number; readonly cells: HeldCell[] } | undefined

  constructor(shape: TableShape) {
    this.shape = shape
    this.base = shape.firstRow
  }

  get isFull(): boolean {
    const { maxRows, maxBytes, sinks } = this.shape
    if (this.rows >= maxRows) return true
    if (this.rows % CHECK_ROWS !== 0) return false
    return sinks.reduce((sum, sink) => sum + sink.bytes, 0) >= maxBytes
  }

  row(row: number): boolean {
    if (this.contradiction !== undefined) return false
    if (row < this.shape.firstRow) {
      this.isSkipped = true
      return true
    }
    if ((this.held && this.held.cells.length > 0) || (this.rows > 0 && this.isFull)) return false
    this.isSkipped = false
    this.row_ = row
    this.at = -1
    this.held = this.shape.isGrid && row - this.base >= this.shape.maxRows ? { row, cells: [] } : undefined
    return true
  }

  cell(column: number, kind: number, style: number, bytes: Uint8Array, start: number, end: number): void {
    if (this.isSkipped || this.contradiction !== undefined) return
    if (this.held) {
      this.held.cells.push({ column, kind, style, bytes: bytes.slice(start, end) })
      return
    }
    const { firstColumn, isGrid, sinks } = this.shape
    const sink = sinks[column - firstColumn]
    if (!sink) {
      this.contradiction = `Row ${this.row_ + 1}: column ${column + 1} is not one of the table's so far.`
      return
    }
    if (this.at < 0) {
      this.at = isGrid ? this.row_ - this.base : this.rows
      this.rows = this.at + 1
    }
    if (!sink.add(this.at, kind, style, bytes, start, end)) {
      this.contradiction = `Row ${this.row_ + 1}: column ${column + 1} is not always of one type.`
    }
  }

  /** The row that waits for empty ones to be given out, if there is one. */
  get waits(): boolean {
    return this.held !== undefined && this.held.cells.length > 0
  }

  /** Gives out as many empty rows as fit, or takes the waiting row in. */
  settle(): Batch | undefined {
    const { held } = this
    if (!held) return undefined
    if (held.row - this.base >= this.shape.maxRows) {
      this.rows = this.shape.maxRows
      return this.finish()
    }
    this.held = undefined
    this.row_ = held.row
    this.at = -1
    for (const { column, kind, style, bytes } of held.cells) {
      this.cell(column, kind, style, bytes, 0, bytes.length)
    }
    return undefined
  }

  finish(): Batch {
    const { schema, sinks } = this.shape
    const batch = finishBatch(schema, sinks, this.rows)
    this.base += this.rows
    this.rows = 0
    return batch
  }
}
