import { setImmediate } from 'node:timers/promises'
import { type BytesBuilder, type ColumnBuilder, createBatchBuilder } from '@omni/arrow'
import { type Chunk, fault, type ReadRequest, type Rejected, type Schema } from '@omni/spec'
import type { Database } from './database.ts'
import { quote, type Relation } from './discover.ts'
import { sqliteFault } from './errors.ts'
import { numberText, type SqlitePosition, type StorageClass, typeOf } from './types.ts'
import { classOf, createToUtf8, expressionOf, type RawValue, type ToUtf8 } from './value.ts'

type SqliteChunk = Chunk<SqlitePosition>

/** Rows that are looked at before the first is given. */
const SAMPLE_ROWS = 1000
/** Rows after which others get a turn, and the run may be stopped. */
const TURN_ROWS = 2000

/** A column, and what is known of its values so far. */
interface Known {
  readonly name: string
  readonly declared: string | null
  readonly classes: Set<StorageClass>
}

/** The rows of a table, view or query; in full once more, with wider types, where a later value asks for it. */
export async function* readRelation(
  database: Database,
  relation: Relation,
  request: ReadRequest,
): AsyncGenerator<SqliteChunk, void, void> {
  const columns = columnsOf(database, relation)
  const statement = statementOf(relation, columns)
  await learn(database, `${statement} LIMIT ${SAMPLE_ROWS}`, columns, request)
  for (let isFirst = true; ; isFirst = false) {
    const hasContradiction = yield* readPass(database, statement, columns, request)
    if (!hasContradiction) return
    // In one transaction a table says the same twice; a query need not.
    if (!isFirst) {
      throw fault({
        kind: 'unsupported',
        code: 'sqlite.query.unstable',
        why: 'The query gives other values each time it runs.',
        fix: 'Leave out of it what is random or depends on the time.',
      })
    }
    await learn(database, statement, columns, request)
    yield { restart: { why: 'A column has values of another kind in a later row.' } }
  }
}

function columnsOf({ db }: Database, { from }: Relation): readonly Known[] {
  const statement = db.prepare(from)
  if (statement.sourceSQL.trim().replace(/;$/, '') !== from.trim().replace(/;\s*$/, '')) {
    throw sqliteFault('sqlite.query', 'The query has more than one statement.')
  }
  const columns = statement
    .columns()
    .map(({ name, type }) => ({ name, declared: type, classes: new Set<StorageClass>() }))
  if (columns.length === 0) throw sqliteFault('sqlite.query', 'The query gives no columns.')
  const seen = new Set<string>()
  for (const { name } of columns) {
    if (seen.has(name))
      throw sqliteFault('sqlite.columns', `Two columns have the name ${JSON.stringify(name)}.`)
    seen.add(name)
  }
  return columns
}

/** Columns go by names of ours, since those of a query may be any text. */
function statementOf({ from, orderBy }: Relation, columns: readonly Known[]): string {
  if (orderBy !== undefined) {
    const list = columns.map(({ name }) => expressionOf(quote(name))).join(', ')
    return `SELECT ${list} ${from.slice('SELECT * '.length)} ORDER BY ${orderBy}`
  }
  const names = columns.map((_, i) => `c${i}`)
  const inner = from.trim().replace(/;$/, '')
  // The line break ends a comment at the end of the query.
  return `WITH omni(${names.join(', ')}) AS (${inner}\n) SELECT ${names.map(expressionOf).join(', ')} FROM omni`
}

/** Takes in the classes of all rows that the statement gives. */
async function learn(
  { db }: Database,
  sql: string,
  columns: readonly Known[],
  { signal }: ReadRequest,
): Promise<void> {
  let rows = 0
  for (const row of rowsOf(db, sql)) {
    for (const [i, { classes }] of columns.entries()) {
      const found = classOf(row[i] as RawValue)
      if (found !== undefined) classes.add(found)
    }
    if (++rows % TURN_ROWS === 0) await turn(signal)
  }
  await turn(signal)
}

async function turn(signal: AbortSignal): Promise<void> {
  await setImmediate()
  signal.throwIfAborted()
}

function rowsOf(db: Database['db'], sql: string): Iterable<readonly RawValue[]> {
  const statement = db.prepare(sql)
  statement.setReadBigInts(true)
  statement.setReturnArrays(true)
  // Its types do not know that rows are arrays then.
  return statement.iterate() as unknown as Iterable<readonly RawValue[]>
}

/** Chunks; true, once a value has a class that its column's type does not hold. */
async function* readPass(
  { db, encoding }: Database,
  sql: string,
  columns: readonly Known[],
  { limits, limit = Number.POSITIVE_INFINITY, signal }: ReadRequest,
): AsyncGenerator<SqliteChunk, boolean, void> {
  const schema = schemaOf(columns)
  const builder = createBatchBuilder(schema, Math.min(limits.chunkRows, 4096))
  const appender = createAppender(columns, schema, builder.columns, createToUtf8(encoding))
  let rejected: Rejected[] = []
  let rows = 0
  let held = 0
  let bytes = 0
  const chunk = (): SqliteChunk => {
    const facts = rejected.length > 0 ? { rejected, bytes } : { bytes }
    rejected = []
    held = bytes = 0
    return { batch: builder.finish(), ...facts }
  }
  for (const row of rowsOf(db, sql)) {
    if (rows >= limit) break
    rows++
    const size = appender.append(row)
    if (size === 'wider') return true
    if (size === 'invalid') {
      const reason = 'A text is not valid in the encoding of the database.'
      rejected.push({ locator: `row ${rows}`, code: 'sqlite.text.encoding', reason })
    } else {
      held++
      bytes += size
    }
    if (held + rejected.length >= limits.chunkRows || bytes >= limits.chunkBytes) {
      yield chunk()
      await turn(signal)
    }
  }
  signal.throwIfAborted()
  yield chunk()
  return false
}

function schemaOf(columns: readonly Known[]): Schema {
  return {
    fields: columns.map(({ name, declared, classes }) => ({
      name,
      type: typeOf(classes, declared),
      nullable: true,
      ...(declared === null ? {} : { sourceType: declared }),
    })),
  }
}

/** Puts rows into columns: the bytes it took, or why it took none. */
interface Appender {
  append(row: readonly RawValue[]): number | 'wider' | 'invalid'
}

function createAppender(
  columns: readonly Known[],
  { fields }: Schema,
  builders: readonly ColumnBuilder[],
  toUtf8: ToUtf8,
): Appender {
  const hasBytes = fields.map(({ type }) => type.kind === 'utf8' || type.kind === 'binary')
  const cells: (RawValue | undefined)[] = new Array(columns.length)
  return {
    append(row) {
      let bytes = 0
      let isValid = true
      for (let i = 0; i < columns.length; i++) {
        const value = row[i] as RawValue
        const found = classOf(value)
        if (found !== undefined && !(columns[i] as Known).classes.has(found)) return 'wider'
        const cell = hasBytes[i] && value !== null ? bytesOf(value, toUtf8) : value
        if (cell === undefined) isValid = false
        cells[i] = cell
        bytes += cell instanceof Uint8Array ? cell.length + 4 : 8
      }
      if (!isValid) return 'invalid'
      for (let i = 0; i < cells.length; i++) {
        const cell = cells[i]
        const builder = builders[i] as ColumnBuilder
        // Builders of text and bytes are the ones that take bytes.
        if (cell instanceof Uint8Array) (builder as BytesBuilder).appendBytes(cell)
        else if (typeof cell === 'bigint' && fields[i]?.type.kind === 'float') builder.append(Number(cell))
        else builder.append(cell)
      }
      return bytes
    },
  }
}

function bytesOf(value: Exclude<RawValue, null>, toUtf8: ToUtf8): Uint8Array | undefined {
  if (typeof value === 'string') return Buffer.from(value, 'hex')
  return typeof value === 'object' ? toUtf8(value) : Buffer.from(numberText(value))
}
