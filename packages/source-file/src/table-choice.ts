import { fileFault } from './errors.ts'
import type { Table } from './format.ts'

/** Names in a message, at most. */
const MAX_NAMES = 30

/** The table that the option names, as a list of one; all where it is absent. A name goes before a number. */
export function chooseTables(tables: readonly Table[], wanted: string | undefined): readonly Table[] {
  if (wanted === undefined) return tables
  const lower = wanted.toLowerCase()
  const found =
    tables.find(({ name }) => name === wanted) ??
    tables.find(({ name }) => name.toLowerCase() === lower) ??
    (/^\d{1,9}$/.test(wanted) ? tables[Number(wanted) - 1] : undefined)
  if (found) return [found]
  const names = tables.slice(0, MAX_NAMES).map(({ name }) => JSON.stringify(name))
  const more = tables.length > MAX_NAMES ? ` and ${tables.length - MAX_NAMES} more` : ''
  throw fileFault(
    'file.table.missing',
    `The file has no table ${JSON.stringify(wanted)}; it has ${names.join(', ') || 'none'}${more}.`,
  )
}
