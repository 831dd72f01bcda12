import type { Column, DataType } from '@omni/spec'
import { ColumnWriter, NeedsWidening } from './column-writer.ts'
import type { Cursor } from './cursor.ts'
import { Damage } from './errors.ts'

const NO_CHILDREN: readonly Column[] = []

/** decimal: a big-endian number in two's complement, of the bytes that it needs or of a fixed number. */
export class DecimalWriter extends ColumnWriter {
  private values: Uint8Array
  private readonly width: number
  private readonly limit: bigint
  /** Values of so many bytes cannot have too many digits. */
  private readonly sureBytes: number
  private readonly size: number | undefined
  private readonly path: string

  constructor(
    type: DataType & { kind: 'decimal' },
    isNullable: boolean,
    { size, path }: { readonly size: number | undefined; readonly path: string },
  ) {
    super(type, isNullable)
    this.width = type.bits >> 3
    this.values = new Uint8Array(this.capacity * this.width)
    this.limit = 10n ** BigInt(type.precision)
    this.sureBytes = Math.floor((type.precision * Math.log2(10)) / 8)
    this.size = size
    this.path = path
  }

  protected readValue(cursor: Cursor): void {
    const size = this.size ?? cursor.length()
    const { bytes, at } = cursor
    if (size > cursor.end - at) throw new Damage('a value goes beyond its block')
    cursor.at += size
    if (size > this.sureBytes) this.expectFits(bytes.subarray(at, at + size))
    const { values, width } = this
    const start = this.length * width
    const used = Math.min(size, width)
    for (let i = 0; i < used; i++) values[start + i] = bytes[at + size - 1 - i] as number
    const sign = size > 0 && (bytes[at] as number) >= 128 ? 255 : 0
    for (let i = used; i < width; i++) values[start + i] = sign
  }

  private expectFits(bytes: Uint8Array): void {
    const value = bigOf(bytes)
    if (value >= this.limit || value <= -this.limit) throw new NeedsWidening(this.path, 'text')
  }

  protected skipValue(): void {}
  protected resize(capacity: number): void {
    const wider = new Uint8Array(capacity * this.width)
    wider.set(this.values)
    this.values = wider
  }
  protected take(length: number): Pick<Column, 'values' | 'offsets' | 'children'> {
    const values = this.values.subarray(0, length * this.width)
    this.values = new Uint8Array(this.capacity * this.width)
    return { values, offsets: null, children: NO_CHILDREN }
  }
}

/** A big-endian number in two's complement. */
export function bigOf(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${Buffer.from(bytes).toString('hex')}`))
}
