import type { Column, DataType } from '@omni/spec'
import { BoolWriter, BytesWriter, ColumnWriter, IntWriter, LongWriter, RawWriter } from './column-writer.ts'
import type { Cursor } from './cursor.ts'
import { Damage } from './errors.ts'

const NO_BYTES = new Uint8Array(0)

/** Classes that most columns are made of, by their place here, counted from 1; 0 is any other. */
const USUAL = [IntWriter, LongWriter, RawWriter, BoolWriter, BytesWriter] as const

function kindOf(writer: ColumnWriter): number {
  if (writer instanceof NullableWriter) return NULLABLE
  return USUAL.findIndex((known) => writer instanceof known) + 1
}

const NULLABLE = 6

/**
 * `writer.read(cursor)`, where `kind` is its {@link kindOf}. A call through the base class goes to a class that is not
 * known before, which takes as long as reading a number; each of these calls always goes to one.
 */
function readWith(kind: number, writer: ColumnWriter, cursor: Cursor): void {
  switch (kind) {
    case 1:
      ;(writer as IntWriter).read(cursor)
      break
    case 2:
      ;(writer as LongWriter).read(cursor)
      break
    case 3:
      ;(writer as RawWriter).read(cursor)
      break
    case 4:
      ;(writer as BoolWriter).read(cursor)
      break
    case 5:
      ;(writer as BytesWriter).read(cursor)
      break
    case NULLABLE:
      ;(writer as NullableWriter).read(cursor)
      break
    default:
      writer.read(cursor)
  }
}

/** record. */
export class RecordWriter extends ColumnWriter {
  readonly children: readonly ColumnWriter[]
  private readonly kinds: Uint8Array

  constructor(type: DataType, isNullable: boolean, children: readonly ColumnWriter[]) {
    super(type, isNullable)
    this.children = children
    this.kinds = Uint8Array.from(children, kindOf)
  }
  protected readValue(cursor: Cursor): void {
    const { children, kinds } = this
    for (let i = 0; i < children.length; i++) {
      readWith(kinds[i] as number, children[i] as ColumnWriter, cursor)
    }
  }
  protected skipValue(): void {
    for (const child of this.children) child.skip()
  }
  protected resize(): void {}
  protected take(): Pick<Column, 'values' | 'offsets' | 'children'> {
    return { values: NO_BYTES, offsets: null, children: this.children.map((child) => child.finish()) }
  }
}

/** array, and map, whose items have a key before the value. */
export class ListWriter extends ColumnWriter {
  private offsets: Int32Array = new Int32Array(this.capacity + 1)
  private readonly children: readonly ColumnWriter[]
  private readonly kinds: Uint8Array
  /** Bytes of an item: in the block at least, and in memory. */
  private readonly minBytes: number
  private readonly itemBytes: number

  constructor(
    type: DataType,
    isNullable: boolean,
    children: readonly ColumnWriter[],
    sizes: { readonly minBytes: number; readonly itemBytes: number },
  ) {
    super(type, isNullable)
    this.children = children
    this.kinds = Uint8Array.from(children, kindOf)
    this.minBytes = sizes.minBytes
    this.itemBytes = sizes.itemBytes
  }
  protected readValue(cursor: Cursor): void {
    const { children } = this
    const first = children[0] as ColumnWriter
    const second = children[1]
    const [kind = 0, secondKind = 0] = this.kinds
    for (let count = this.items(cursor); count > 0; count = this.items(cursor)) {
      for (let i = 0; i < count; i++) {
        readWith(kind, first, cursor)
        if (second) readWith(secondKind, second, cursor)
      }
      cursor.check()
    }
    this.offsets[this.length + 1] = first.length
  }
  private items(cursor: Cursor): number {
    return cursor.items(this.minBytes, this.itemBytes)
  }
  protected skipValue(): void {
    this.offsets[this.length + 1] = (this.children[0] as ColumnWriter).length
  }
  protected resize(capacity: number): void {
    const wider = new Int32Array(capacity + 1)
    wider.set(this.offsets)
    this.offsets = wider
  }
  protected take(length: number): Pick<Column, 'values' | 'offsets' | 'children'> {
    const offsets = this.offsets.subarray(0, length + 1)
    this.offsets = new Int32Array(this.capacity + 1)
    return { values: NO_BYTES, offsets, children: this.children.map((child) => child.finish()) }
  }
}

/** A union of null and one other type. */
export class NullableWriter extends ColumnWriter {
  private readonly inner: ColumnWriter
  private readonly kind: number
  private readonly nullAt: number

  constructor(inner: ColumnWriter, nullAt: number) {
    super(inner.type, true)
    this.inner = inner
    this.kind = kindOf(inner)
    this.nullAt = nullAt
  }
  override read(cursor: Cursor): void {
    const branch = cursor.int()
    if (branch === this.nullAt) this.inner.skip()
    else if (branch === 1 - this.nullAt) readWith(this.kind, this.inner, cursor)
    else throw new Damage('a union has a branch that its type lacks')
    this.length++
  }
  override skip(): void {
    this.inner.skip()
    this.length++
  }
  override finish(): Column {
    this.length = 0
    return this.inner.finish()
  }
  protected readValue(): void {}
  protected skipValue(): void {}
  protected resize(): void {}
  protected take(): Pick<Column, 'values' | 'offsets' | 'children'> {
    return { values: NO_BYTES, offsets: null, children: [] }
  }
}

/** Any other union: the branch, and a column for each type of which one has a value. A null branch makes it null. */
export class UnionWriter extends ColumnWriter {
  private tags: Uint8Array = new Uint8Array(this.capacity)
  /** By branch; absent where it is null. */
  private readonly branches: readonly (ColumnWriter | undefined)[]
  private readonly tagType: DataType

  constructor(
    type: DataType,
    isNullable: boolean,
    tagType: DataType,
    branches: readonly (ColumnWriter | undefined)[],
  ) {
    super(type, isNullable)
    this.tagType = tagType
    this.branches = branches
  }
  override read(cursor: Cursor): void {
    const at = cursor.at
    const branch = cursor.int()
    if (branch < 0 || branch >= this.branches.length)
      throw new Damage('a union has a branch that its type lacks')
    if (this.branches[branch] === undefined) {
      this.skip()
      return
    }
    cursor.at = at
    super.read(cursor)
  }
  protected readValue(cursor: Cursor): void {
    const tag = cursor.int()
    this.tags[this.length] = tag
    for (const [branch, writer] of this.branches.entries()) {
      if (branch === tag) writer?.read(cursor)
      else writer?.skip()
    }
  }
  protected skipValue(): void {
    for (const writer of this.branches) writer?.skip()
  }
  protected resize(capacity: number): void {
    const wider = new Uint8Array(capacity)
    wider.set(this.tags)
    this.tags = wider
  }
  protected take(length: number): Pick<Column, 'values' | 'offsets' | 'children'> {
    const tag: Column = {
      type: this.tagType,
      length,
      nullCount: 0,
      validity: null,
      offsets: null,
      values: this.tags.subarray(0, length),
      children: [],
    }
    this.tags = new Uint8Array(this.capacity)
    const written = this.branches.flatMap((writer) => (writer ? [writer.finish()] : []))
    return { values: NO_BYTES, offsets: null, children: [tag, ...written] }
  }
}
