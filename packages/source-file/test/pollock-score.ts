// The measures of the Pollock benchmark (Vitagliano et al., VLDB 2023, section 4), and what the issue asks beside them:
// how many rows a polluted one takes with it, and whether somebody is told of it.
import { type Read, readCsv } from './csv-world.ts'

/** A table as it should be: names where there are any, then rows; null and nothing are the same in CSV. */
export interface Wanted {
  readonly header: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** How one polluted file was read. */
export interface FileScore {
  readonly name: string
  /** Success; precision, recall, F1 of header, record and cell. */
  readonly measures: readonly number[]
  readonly isExact: boolean
  /** Rows that are not there, or are there and should not be. */
  readonly damaged: number
  /** Records that were quarantined or reported as repaired. */
  readonly flagged: number
  readonly why?: string
}

/** The ten measures, and those of a set of files. */
export const MEASURES: readonly string[] = [
  'success',
  'header precision',
  'header recall',
  'header F1',
  'record precision',
  'record recall',
  'record F1',
  'cell precision',
  'cell recall',
  'cell F1',
]

/** Reads bytes with no parameters and compares. */
export async function scoreFile(name: string, bytes: Uint8Array, wanted: Wanted): Promise<FileScore> {
  let read: Read
  try {
    read = await readCsv(bytes, { fileName: name })
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return {
      name,
      measures: MEASURES.map(() => 0),
      isExact: false,
      damaged: wanted.rows.length,
      flagged: 0,
      why,
    }
  }
  const rows = read.rows.map((row) => row.map((value) => value ?? ''))
  const isNamed = wanted.header.length > 0
  const header = score(wanted.header, read.names)
  const records = score(wanted.rows.map(keyOf), rows.map(keyOf))
  const cells = score(wanted.rows.flat(), rows.flat())
  const isHeaderExact = isNamed
    ? wanted.header.join('\0') === read.names.join('\0')
    : !read.header || read.names.length === 0
  const isExact = isHeaderExact && wanted.rows.map(keyOf).join('\n') === rows.map(keyOf).join('\n')
  const common = count(wanted.rows.map(keyOf), rows.map(keyOf))
  return {
    name,
    measures: [1, ...header, ...records, ...cells],
    isExact,
    damaged: Math.max(wanted.rows.length, rows.length) - common,
    flagged: read.rejected.length + read.repaired.length,
  }
}

function keyOf(row: readonly string[]): string {
  return JSON.stringify(row)
}

/** Values that both have, as often as both have them. */
function count(source: readonly string[], loaded: readonly string[]): number {
  const left = new Map<string, number>()
  for (const value of source) left.set(value, (left.get(value) ?? 0) + 1)
  let common = 0
  for (const value of loaded) {
    const times = left.get(value) ?? 0
    if (times === 0) continue
    left.set(value, times - 1)
    common++
  }
  return common
}

/** Precision, recall and F1, as the benchmark divides: by what should be there, and by what is. */
function score(source: readonly string[], loaded: readonly string[]): readonly [number, number, number] {
  if (source.length === 0) return [1, 1, 1]
  const common = count(source, loaded)
  if (common === 0) return [0, 0, 0]
  const precision = common / source.length
  const recall = common / loaded.length
  return [precision, recall, (2 * precision * recall) / (precision + recall)]
}

/** What the files of a set come to. */
export interface SetScore {
  readonly means: readonly number[]
  readonly sum: number
  /** Share of `file_*` files that are exact. */
  readonly exactFiles: number
  /** Rows damaged beyond the polluted one, a `row_*` file. */
  readonly damagedBeyond: number
  /** Share of `row_*` files whose polluted row was flagged. */
  readonly flagged: number
  readonly exactRows: number
}

/** Means over files. */
export function scoreSet(files: readonly FileScore[]): SetScore {
  const mean = (values: readonly number[]): number =>
    values.length === 0 ? 1 : values.reduce((a, b) => a + b, 0) / values.length
  const means = MEASURES.map((_, i) => mean(files.map(({ measures }) => measures[i] ?? 0)))
  const whole = files.filter(({ name }) => name.startsWith('file_'))
  const rows = files.filter(({ name }) => name.startsWith('row_'))
  return {
    means,
    sum: means.reduce((a, b) => a + b, 0),
    exactFiles: mean(whole.map(({ isExact }) => (isExact ? 1 : 0))),
    damagedBeyond: mean(rows.map(({ damaged }) => Math.max(0, damaged - 1))),
    flagged: mean(rows.map(({ flagged }) => (flagged > 0 ? 1 : 0))),
    exactRows: mean(rows.map(({ isExact }) => (isExact ? 1 : 0))),
  }
}

/** The figures in words. */
export function describeScore(
  title: string,
  { means, sum, exactFiles, damagedBeyond, flagged, exactRows }: SetScore,
): string {
  const parts = means.map((value, i) => `${MEASURES[i]} ${value.toFixed(4)}`)
  return [
    `${title}: ${sum.toFixed(4)} of 10 (${parts.join(', ')})`,
    `file_* exact ${(100 * exactFiles).toFixed(1)} %`,
    `row_* exact ${(100 * exactRows).toFixed(1)} %`,
    `damaged beyond ${damagedBeyond.toFixed(3)} a file`,
    `flagged ${(100 * flagged).toFixed(2)} %`,
  ].join('; ')
}
