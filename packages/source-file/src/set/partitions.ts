import { createColumnBuilder } from '@omni/arrow'
import type { Column, DataType, Field, Row } from '@omni/spec'
import type { FormatChunk } from '../format.ts'

type DataChunk = Exclude<FormatChunk, { restart: unknown }>

// Hive partitions: folders called `name=value` are columns of the files below them.
// https://cwiki.apache.org/confluence/display/Hive/LanguageManual+DDL#LanguageManualDDL-PartitionedTables

/** Values of the partition columns of one file, in the order of its folders; null is Hive's default partition. */
export type Partitions = ReadonlyMap<string, string | null>

const DEFAULT_PARTITION = '__HIVE_DEFAULT_PARTITION__'

/** The partitions that the folders of a path name, as in `dt=2025-05-30/country=de/part-0.csv`. */
export function partitionsOf(path: string): Partitions {
  const found = new Map<string, string | null>()
  for (const folder of path.split('/').slice(0, -1)) {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(folder) ?? []
    if (name === undefined || value === undefined) continue
    found.set(decode(name), value === DEFAULT_PARTITION ? null : decode(value))
  }
  return found
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const INT: DataType = { kind: 'int', bits: 64, signed: true }
const DATE: DataType = { kind: 'date' }
const TEXT: DataType = { kind: 'utf8' }

/** The partition columns of several files: integers and dates only where every value is written just so. */
export function partitionFields(files: readonly Partitions[]): readonly Field[] {
  const values = new Map<string, (string | null)[]>()
  for (const partitions of files) {
    for (const [name, value] of partitions) {
      const known = values.get(name)
      if (known) known.push(value)
      else values.set(name, [value])
    }
  }
  return [...values].map(([name, all]) => ({
    name,
    type: typeOf(all.filter((value) => value !== null)),
    nullable: true,
    sourceType: 'partition',
  }))
}

function typeOf(values: readonly string[]): DataType {
  if (values.length === 0) return TEXT
  if (values.every(isInteger)) return INT
  return values.every(isDate) ? DATE : TEXT
}

function isInteger(text: string): boolean {
  return /^(?:0|-?[1-9]\d{0,18})$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text)
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const time = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}

/** A chunk of a file with the partition columns; one that the file itself has gets another name. */
export function withPartitions(
  chunk: DataChunk,
  fields: readonly Field[],
  partitions: Partitions,
): DataChunk {
  if (fields.length === 0) return chunk
  if ('rows' in chunk) return { ...chunk, rows: chunk.rows.map((row) => extend(row, fields, partitions)) }
  const batch = chunk.batch
  const taken = new Set(batch.schema.fields.map(({ name }) => name))
  const added = fields.map((field) => ({ ...field, name: freeName(field.name, taken) }))
  const columns = fields.map((field) => constant(field.type, partitionValue(field, partitions), batch.rows))
  const schema = { fields: [...batch.schema.fields, ...added] }
  return { ...chunk, batch: { schema, rows: batch.rows, columns: [...batch.columns, ...columns] } }
}

function extend(row: Row, fields: readonly Field[], partitions: Partitions): Row {
  const taken = new Set(Object.keys(row))
  const added = fields.map((field) => [freeName(field.name, taken), partitionValue(field, partitions)])
  return { ...row, ...Object.fromEntries(added) }
}

function partitionValue({ name, type }: Field, partitions: Partitions): bigint | string | null {
  const text = partitions.get(name) ?? null
  return text !== null && type.kind === 'int' ? BigInt(text) : text
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name
  for (let n = 1; ; n++) {
    const other = n === 1 ? `${name}_partition` : `${name}_partition_${n}`
    if (!taken.has(other)) return other
  }
}

function constant(type: DataType, value: bigint | string | null, rows: number): Column {
  const builder = createColumnBuilder(type, rows)
  for (let i = 0; i < rows; i++) {
    if (value === null) builder.appendNull()
    else builder.append(value)
  }
  return builder.finish()
}
