/**
 * The members of apache-arrow's `Data` and types that are read here, by shape instead of by class: the caller's
 * copy of the library may be another than ours, and reading needs no library at all.
 */
export interface ArrowData {
  readonly type: ArrowType
  readonly offset: number
  readonly length: number
  readonly nullCount: number
  readonly nullBitmap?: Uint8Array | null
  readonly valueOffsets?: Int32Array | BigInt64Array | null
  readonly values?: ArrayBufferView | null
  readonly children: readonly ArrowData[]
  readonly dictionary?: { readonly data: readonly ArrowData[] } | null
  readonly variadicBuffers?: readonly Uint8Array[]
}

export interface ArrowField {
  readonly name: string
  readonly nullable: boolean
  readonly type: ArrowType
  readonly metadata?: ReadonlyMap<string, string> | null
}

/** `typeId` and the parameters of all types; each type has only its own. */
export interface ArrowType {
  readonly typeId: number
  readonly children?: readonly ArrowField[] | null
  readonly bitWidth: number
  readonly isSigned: boolean
  readonly precision: number
  readonly scale: number
  readonly unit: number
  readonly timezone?: string | null
  readonly byteWidth: number
  readonly listSize: number
  readonly indices: ArrowType
  readonly dictionary: ArrowType
}

export interface ArrowBatch {
  readonly numRows: number
  readonly schema: { readonly fields: readonly ArrowField[] }
  readonly data: ArrowData
}

/** Type ids of the Arrow format as apache-arrow numbers them (its `enum.ts`). */
export const TYPE = {
  null: 1,
  int: 2,
  float: 3,
  binary: 4,
  utf8: 5,
  bool: 6,
  decimal: 7,
  date: 8,
  time: 9,
  timestamp: 10,
  interval: 11,
  list: 12,
  struct: 13,
  union: 14,
  fixed: 15,
  fixedList: 16,
  map: 17,
  duration: 18,
  largeBinary: 19,
  largeUtf8: 20,
  largeList: 21,
  binaryView: 23,
  utf8View: 24,
  dictionary: -1,
} as const

/** Key of the field metadata that carries `Field.sourceType` through Arrow. */
export const SOURCE_TYPE_KEY = 'omni.sourceType'
