import type { Column, DataType, Field } from '@omni/spec'
import { BaseBuilder, type ColumnBuilder } from './builder.ts'
import { tooLarge, unexpectedNull, unknownKey, wrongKind } from './faults.ts'
import { type Keys, keysOf } from './row-keys.ts'

const NO_BYTES = new Uint8Array(0)

/** Lists: items one after another behind int32 offsets. */
export class ListBuilder extends BaseBuilder {
  readonly item: ColumnBuilder
  private readonly itemField: Field
  private offsets: Int32Array

  constructor(
    type: DataType & { kind: 'list' },
    capacity: number,
    accepts: ((value: unknown) => boolean) | null,
    item: ColumnBuilder,
  ) {
    super(type, capacity, accepts)
    this.item = item
    this.itemField = type.item
    this.offsets = new Int32Array(this.capacity + 1)
  }

  protected put(value: unknown): void {
    const items = itemsOf(value)
    if (items === undefined) throw wrongKind(this.type, value)
    const { length } = this.item
    if (length + items.length > 0x7fff_ffff) throw tooLarge(this.type)
    try {
      for (let i = 0; i < items.length; i++) appendField(this.item, this.itemField, items[i])
    } catch (error) {
      this.item.truncate(length)
      throw error
    }
    this.offsets[this.length + 1] = this.item.length
  }
  protected putNull(): void {
    this.offsets[this.length + 1] = this.item.length
  }
  protected resize(): void {
    this.offsets = widened(this.offsets, this.capacity)
  }
  protected cut(): void {
    this.item.truncate(this.offsets[this.length] as number)
  }
  protected take(): Pick<Column, 'values' | 'offsets' | 'children'> {
    const offsets = this.offsets.subarray(0, this.length + 1)
    this.offsets = new Int32Array(this.capacity + 1)
    return { values: NO_BYTES, offsets, children: [this.item.finish()] }
  }
}

/** Maps: keys and values one after another behind int32 offsets. */
export class MapBuilder extends BaseBuilder {
  private readonly key: ColumnBuilder
  private readonly value: ColumnBuilder
  private readonly keyField: Field
  private readonly valueField: Field
  private offsets: Int32Array

  constructor(type: DataType & { kind: 'map' }, capacity: number, key: ColumnBuilder, value: ColumnBuilder) {
    super(type, capacity, null)
    this.key = key
    this.value = value
    this.keyField = type.key
    this.valueField = type.value
    this.offsets = new Int32Array(this.capacity + 1)
  }

  protected put(value: unknown): void {
    const entries = entriesOf(value)
    if (entries === undefined) throw wrongKind(this.type, value)
    const { length } = this.key
    try {
      for (const entry of entries) {
        if (!Array.isArray(entry) || entry.length !== 2) throw wrongKind(this.type, entry)
        appendField(this.key, this.keyField, entry[0])
        appendField(this.value, this.valueField, entry[1])
      }
    } catch (error) {
      this.key.truncate(length)
      this.value.truncate(length)
      throw error
    }
    this.offsets[this.length + 1] = this.key.length
  }
  protected putNull(): void {
    this.offsets[this.length + 1] = this.key.length
  }
  protected resize(): void {
    this.offsets = widened(this.offsets, this.capacity)
  }
  protected cut(): void {
    const length = this.offsets[this.length] as number
    this.key.truncate(length)
    this.value.truncate(length)
  }
  protected take(): Pick<Column, 'values' | 'offsets' | 'children'> {
    const offsets = this.offsets.subarray(0, this.length + 1)
    this.offsets = new Int32Array(this.capacity + 1)
    return { values: NO_BYTES, offsets, children: [this.key.finish(), this.value.finish()] }
  }
}

/** Structs: one child a field, as long as the struct itself. */
export class StructBuilder extends BaseBuilder {
  readonly children: readonly ColumnBuilder[]
  private readonly fields: readonly Field[]
  private readonly keys: Keys

  constructor(
    type: DataType & { kind: 'struct' },
    capacity: number,
    accepts: ((value: unknown) => boolean) | null,
    children: readonly ColumnBuilder[],
  ) {
    super(type, capacity, accepts)
    this.children = children
    this.fields = type.fields
    this.keys = keysOf(type.fields)
  }

  protected put(value: unknown): void {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrongKind(this.type, value)
    const row = value as Readonly<Record<string, unknown>>
    if (this.keys.hasOther(row)) throw unknownKey()
    try {
      for (let i = 0; i < this.fields.length; i++) {
        appendField(this.children[i] as ColumnBuilder, this.fields[i] as Field, this.keys.get(row, i))
      }
    } catch (error) {
      this.cut()
      throw error
    }
  }
  protected putNull(): void {
    for (const child of this.children) child.appendNull()
  }
  protected resize(): void {}
  protected cut(): void {
    for (const child of this.children) child.truncate(this.length)
  }
  protected take(): Pick<Column, 'values' | 'offsets' | 'children'> {
    return { values: NO_BYTES, offsets: null, children: this.children.map((child) => child.finish()) }
  }
}

/** Appends a value of a field, or the fault `arrow.value.null` where the field allows none. */
export function appendField(builder: ColumnBuilder, field: Field, value: unknown): void {
  if (value !== null && value !== undefined) builder.append(value)
  else if (field.nullable) builder.appendNull()
  else throw unexpectedNull(field.name)
}

/** Anything with a length and items, but neither text nor bytes: their items are no values of their own. */
function itemsOf(value: unknown): ArrayLike<unknown> | undefined {
  if (Array.isArray(value)) return value
  if (ArrayBuffer.isView(value) && !(value instanceof Uint8Array) && !(value instanceof DataView)) {
    return value as unknown as ArrayLike<unknown>
  }
  return undefined
}

function entriesOf(value: unknown): Iterable<unknown> | undefined {
  return value instanceof Map || Array.isArray(value) ? value : undefined
}

function widened(offsets: Int32Array, capacity: number): Int32Array {
  const wider = new Int32Array(capacity + 1)
  wider.set(offsets)
  return wider
}
