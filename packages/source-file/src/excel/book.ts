import type { StyleClass } from './format-class.ts'

/** What stands in a cell, as the file says it. */
export const CELL = {
  /** Text of a number, as in `1.5E3`. */
  number: 0,
  /** UTF-8 text. */
  text: 1,
  /** `0` or `1`. */
  bool: 2,
  /** `#N/A`. */
  error: 3,
  /** An ISO 8601 date, of a cell of type `d`. */
  iso: 4,
} as const

/** Rows and columns of a sheet, at most: it ends at XFD1048576. */
export const MAX_ROWS = 1_048_576
export const MAX_COLUMNS = 16_384

/** One sheet of a workbook. */
export interface Sheet {
  readonly name: string
  /** 1-based, over all sheets of the workbook. */
  readonly number: number
  readonly isHidden: boolean
  /** False for chart sheets, dialogs and macro sheets, which hold no table. */
  readonly isWorksheet: boolean
}

/** Who takes the cells of a sheet. */
export interface CellConsumer {
  /** A row begins, 0-based and above the last; false when it must come later, after what is there was taken away. */
  row(row: number): boolean
  /**
   * A cell of the row, 0-based column. `style` is an index into {@link Book.styles}; the bytes hold until the next call.
   */
  cell(column: number, kind: number, style: number, bytes: Uint8Array, start: number, end: number): void
}

export interface Origin {
  readonly row: number
  readonly column: number
}

/** A part of a sheet's cells. */
export interface CellFeed {
  /**
   * Where the used range begins, 0-based, as far as the file says so and this part has come: the cells that Excel saves
   * begin there, be they empty.
   */
  readonly origin?: Origin | undefined
  /** Formulas so far whose value was not saved: they have none. */
  readonly unsaved?: number
  /** Gives cells until there are no more here (true) or the consumer asked to wait (false). */
  pump(consumer: CellConsumer): boolean
}

/** How one style shows numbers. */
export interface Style {
  /** The number format's code, as in `#,##0.00`. */
  readonly code: string
  readonly class: StyleClass
}

/** A workbook that is open, of any file format. */
export interface Book {
  readonly sheets: readonly Sheet[]
  readonly styles: readonly Style[]
  /** Days count from 1904-01-01 instead of the 1900 system. */
  readonly is1904: boolean
  /** The cells of a sheet, row by row. */
  read(sheet: Sheet, signal: AbortSignal): AsyncIterable<CellFeed>
}
