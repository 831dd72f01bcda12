/**
 * Columnar data as plain objects: the memory layout of the Arrow Columnar Format 1.5, without a library.
 * https://arrow.apache.org/docs/format/Columnar.html
 *
 * A source that decodes straight into columns yields a {@link Batch}; nothing here has behaviour, so two
 * installed copies of this package agree. Builders and conversions are in `@omni/arrow`.
 */

export type TimeUnit = 's' | 'ms' | 'us' | 'ns'

/** The type of a column. Every type has exactly one memory layout, given at {@link Column}. */
export type DataType =
  | { readonly kind: 'null' }
  | { readonly kind: 'bool' }
  | { readonly kind: 'int'; readonly bits: 8 | 16 | 32 | 64; readonly signed: boolean }
  | { readonly kind: 'float'; readonly bits: 16 | 32 | 64 }
  /** Two's complement, little-endian. `bits` 128 holds up to 38 digits, 256 up to 76. */
  | { readonly kind: 'decimal'; readonly bits: 128 | 256; readonly precision: number; readonly scale: number }
  | { readonly kind: 'utf8' }
  | { readonly kind: 'binary' }
  | { readonly kind: 'fixed'; readonly bytes: number }
  /** Days since 1970-01-01, int32. */
  | { readonly kind: 'date' }
  /** Since midnight: int32 for s and ms, int64 for us and ns. */
  | { readonly kind: 'time'; readonly unit: TimeUnit }
  /** int64 since the epoch; `zone` null means a wall clock without a zone. */
  | { readonly kind: 'timestamp'; readonly unit: TimeUnit; readonly zone: string | null }
  | { readonly kind: 'duration'; readonly unit: TimeUnit }
  | { readonly kind: 'list'; readonly item: Field }
  | { readonly kind: 'struct'; readonly fields: readonly Field[] }
  | { readonly kind: 'map'; readonly key: Field; readonly value: Field }

export interface Field {
  readonly name: string
  readonly type: DataType
  readonly nullable: boolean
  /** What the source itself calls the type, as in `numeric(18,4)`; kept in the manifest. */
  readonly sourceType?: string
}

export interface Schema {
  readonly fields: readonly Field[]
}

/**
 * `length` values of one type. Buffers may be longer than needed; a column never starts inside a buffer
 * (no Arrow `offset`), so index i is always at i.
 *
 * | kind | values | offsets | children |
 * |---|---|---|---|
 * | null | empty | - | - |
 * | bool | bits, LSB first | - | - |
 * | int, float, decimal, date, time, timestamp, duration, fixed | little-endian, fixed width | - | - |
 * | utf8, binary | the bytes | length + 1, int32, first is 0 | - |
 * | list | empty | length + 1, int32, first is 0 | [items] |
 * | map | empty | length + 1, int32, first is 0 | [keys, values], as long as the last offset |
 * | struct | empty | - | one a field, each `length` long |
 */
export interface Column {
  readonly type: DataType
  readonly length: number
  readonly nullCount: number
  /** Bit i (LSB first) is 1 where value i is present. Null when nothing is null. */
  readonly validity: Uint8Array | null
  readonly offsets: Int32Array | null
  readonly values: Uint8Array
  readonly children: readonly Column[]
}

/** Rows as columns: `columns[i]` holds `schema.fields[i]`, each `rows` long. */
export interface Batch {
  readonly schema: Schema
  readonly rows: number
  readonly columns: readonly Column[]
}
