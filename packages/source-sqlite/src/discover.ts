import type { Stream } from '@omni/spec'
import type { Database } from './database.ts'
import { sqliteFault } from './errors.ts'
import type { SqliteOptions } from './options.ts'

/** A stream and the statement that reads it. */
export interface Relation {
  readonly name: string
  readonly from: string
  /** In the order of rowid or primary key, so that every read gives the same order; absent where there is none. */
  readonly orderBy?: string
  readonly primaryKey: readonly string[]
  readonly notes: readonly string[]
}

/** The stream of a query. */
const QUERY = 'query'

/** The tables and views that the options name, or all but SQLite's own; a query is one. */
export function listRelations({ db }: Database, { tables, query }: SqliteOptions): readonly Relation[] {
  if (query !== undefined) {
    return [{ name: QUERY, from: query, primaryKey: [], notes: ['rows in the order of the query'] }]
  }
  const all = db
    .prepare(
      `SELECT name, type, wr FROM pragma_table_list
       WHERE schema = 'main' AND type IN ('table', 'view', 'virtual') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
       ORDER BY name`,
    )
    .all()
    .map((row) => ({
      name: String(row['name']),
      type: String(row['type']),
      hasRowid: Number(row['wr']) === 0,
    }))
  if (tables === undefined) return all.map((row) => describe(db, row.name, row.type, row.hasRowid))
  return tables.map((wanted) => {
    // SQLite's names have no case.
    const found =
      all.find(({ name }) => name === wanted) ??
      all.find(({ name }) => name.toLowerCase() === wanted.toLowerCase())
    if (!found) {
      const names = all.slice(0, 30).map(({ name }) => JSON.stringify(name))
      const why = `The database has no table or view ${JSON.stringify(wanted)}; it has ${names.join(', ') || 'none'}.`
      throw sqliteFault('sqlite.table.missing', why)
    }
    return describe(db, found.name, found.type, found.hasRowid)
  })
}

function describe(db: Database['db'], name: string, type: string, hasRowid: boolean): Relation {
  const columns = db.prepare('SELECT name, pk FROM pragma_table_xinfo(?) WHERE hidden <> 1').all(name)
  const keys = columns
    .filter((column) => Number(column['pk']) > 0)
    .sort((a, b) => Number(a['pk']) - Number(b['pk']))
    .map((column) => String(column['name']))
  const orderBy = type !== 'table' ? undefined : hasRowid ? rowidOf(columns) : keys.map(quote).join(', ')
  return {
    name,
    from: `SELECT * FROM ${quote(name)}`,
    ...(orderBy ? { orderBy } : {}),
    primaryKey: keys,
    notes: [type === 'table' ? `table, in the order of ${hasRowid ? 'rowid' : 'its key'}` : type],
  }
}

/** A name of the rowid that no column takes; https://www.sqlite.org/lang_createtable.html#rowid */
function rowidOf(columns: readonly Record<string, unknown>[]): string | undefined {
  const taken = new Set(columns.map((column) => String(column['name']).toLowerCase()))
  return ['rowid', '_rowid_', 'oid'].find((name) => !taken.has(name))
}

/** An identifier. */
export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** What core sees of the relations. */
export function discoverStreams(database: Database, options: SqliteOptions): readonly Stream[] {
  return listRelations(database, options).map(({ name, primaryKey, notes }) => ({
    name,
    notes: [...notes, ...database.notes],
    ...(primaryKey.length > 0 ? { primaryKey } : {}),
  }))
}
