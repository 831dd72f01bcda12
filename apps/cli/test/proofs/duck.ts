import { borrow } from './root.ts'

/** The part of DuckDB that these proofs use: an engine that has nothing in common with ours. */
interface DuckApi {
  readonly DuckDBInstance: {
    create(path: string): Promise<{
      connect(): Promise<{
        run(sql: string): Promise<unknown>
        runAndReadAll(sql: string): Promise<{ getRowObjects(): Record<string, unknown>[] }>
        closeSync(): void
      }>
      closeSync(): void
    }>
  }
}

/** Runs statements, and gives the rows of the last one. */
export async function duck(...statements: readonly string[]): Promise<Record<string, unknown>[]> {
  const instance = await borrow<DuckApi>('core', '@duckdb/node-api').DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    await connection.run('SET threads = 1')
    for (const sql of statements.slice(0, -1)) await connection.run(sql)
    return (await connection.runAndReadAll(statements.at(-1)!)).getRowObjects()
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

/** A text literal of SQL. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** Every value below a value of DuckDB as text, blobs as what their bytes say. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value !== 'object') return String(value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8')
  if (Array.isArray(value)) return value.map(textOf).join('\n')
  const name = value.constructor.name
  const { bytes, items, entries } = value as { bytes?: unknown; items?: unknown; entries?: unknown }
  if (bytes instanceof Uint8Array) return Buffer.from(bytes).toString('utf8')
  if (Array.isArray(items)) return textOf(items)
  if (Array.isArray(entries)) {
    return (entries as { key: unknown; value: unknown }[])
      .map((e) => `${textOf(e.key)}\n${textOf(e.value)}`)
      .join('\n')
  }
  const inner = name === 'DuckDBStructValue' ? (value as { entries: object }).entries : undefined
  if (inner !== undefined) return textOf(Object.entries(inner))
  return name === 'Object' ? textOf(Object.entries(value)) : String(value)
}
