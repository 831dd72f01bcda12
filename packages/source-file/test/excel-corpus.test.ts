import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { normalizeBatch, readColumn } from '@omni/arrow'
import { type AnyBatch, type Fault, isFault } from '@omni/spec'
import { describe, expect, test } from 'vitest'
import { excel } from '../src/excel/index.ts'
import { type FormatInput, HEAD_BYTES } from '../src/format.ts'
import { file } from '../src/index.ts'
import { corpus, LIMITS, openLocal } from './world.ts'

const folder = corpus('excel')

/** The CSVs that Excel saved, by workbook and sheet: one a year. */
function expectedSheets(root: string): Map<string, Map<number, string[]>> {
  const found = new Map<string, Map<number, string[]>>()
  for (const name of readdirSync(join(root, 'expected')).sort()) {
    const parts = /^(?:\d{4}|.*?\.csv)__(.*)\.(\d+)\.csv$/.exec(name)
    if (!parts) continue
    const sheets = found.get(parts[1]!) ?? new Map<number, string[]>()
    found.set(parts[1]!, sheets)
    sheets.set(Number(parts[2]), [...(sheets.get(Number(parts[2])) ?? []), name])
  }
  return found
}

/** Line ends and trailing commas aside, as the corpus asks. */
function normalize(csv: string): string {
  return csv
    .replace(/\r\n?/g, '\n')
    .split('\n')
    .map((line) => line.replace(/,+$/, ''))
    .join('\n')
    .replace(/\n+$/, '')
}

function toCsv(rows: readonly (readonly (string | null)[])[]): string {
  const field = (text: string | null): string =>
    text === null ? '' : /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  return rows.map((row) => row.map(field).join(',')).join('\n')
}

/** Every sheet that holds cells as CSV, by its index: the format alone, for a thread a workbook takes its time. */
async function readSheets(path: string): Promise<Map<number, string>> {
  const { options } = file({ path, sheet: '*', header: 'no', cells: 'displayed' })
  const { signal } = new AbortController()
  const object = openLocal(path)
  const { size } = await object.head()
  const bytes = readFileSync(path)
  const whole: FormatInput = {
    open: () => object.stream(),
    object,
    size,
    fileName: path,
    head: { bytes: bytes.subarray(0, HEAD_BYTES), complete: bytes.length <= HEAD_BYTES },
    memo: new Map(),
  }
  const sheets = new Map<number, string>()
  for (const { name, notes } of (await excel.tables?.(whole, options)) ?? []) {
    const rows: (string | null)[][] = []
    for await (const chunk of excel.decode({ ...whole, table: name }, options, { signal, limits: LIMITS })) {
      if ('restart' in chunk) rows.length = 0
      else if ('batch' in chunk) rows.push(...(await gridOf(chunk.batch)))
    }
    sheets.set(Number(/^sheet (\d+)/.exec(notes?.[0] ?? '')?.[1]) - 1, normalize(toCsv(rows)))
  }
  return sheets
}

async function gridOf(some: AnyBatch): Promise<(string | null)[][]> {
  const batch = await normalizeBatch(some)
  const columns = batch.columns.map((column) => readColumn(column))
  return Array.from({ length: batch.rows }, (_, row) => columns.map((column) => column.text(row)))
}

/** The same, or the fault; any other error is a crash. A workbook without a cell has only empty sheets. */
async function trySheets(path: string): Promise<Map<number, string> | Fault> {
  try {
    return await readSheets(path)
  } catch (error) {
    if (!isFault(error)) throw error
    return error.code === 'file.excel.empty' ? new Map() : error
  }
}

/** Code pages that Excel saved with; what one lacks became an underscore or a question mark. */
function isSame(expected: Buffer, csv: string): 'exact' | 'but for the code page' | undefined {
  const wanted = (['utf-8', 'windows-1252'] as const).map((label) =>
    normalize(new TextDecoder(label).decode(expected)),
  )
  if (wanted.includes(csv)) return 'exact'
  const lossy = (text: string): string => text.replace(/[^\x20-\x7e\n]/g, '_').replaceAll('?', '_')
  return wanted.some((text) => lossy(text) === lossy(csv)) ? 'but for the code page' : undefined
}

describe.skipIf(!folder)('workbooks of the corpus, displayed', () => {
  test('sheets equal what Excel saved, and no workbook crashes', { timeout: 600_000 }, async () => {
    const root = folder as string
    let sheets = 0
    let exact = 0
    let lossy = 0
    const faults = new Map<string, number>()
    const missed: string[] = []
    for (const [workbook, numbers] of expectedSheets(root)) {
      const read = await trySheets(join(root, 'workbooks', workbook))
      if (isFault(read)) faults.set(read.code, (faults.get(read.code) ?? 0) + 1)
      for (const [index, names] of numbers) {
        sheets++
        const csv = isFault(read) ? undefined : (read.get(index) ?? '')
        const found = names.map(
          (name) => csv !== undefined && isSame(readFileSync(join(root, 'expected', name)), csv),
        )
        if (found.includes('exact')) exact++
        else if (found.some((same) => same)) lossy++
        else missed.push(`${workbook} ${index}${isFault(read) ? ` ${read.code} ${read.why}` : ''}`)
      }
    }
    const share = ((exact / sheets) * 100).toFixed(1)
    const withLossy = (((exact + lossy) / sheets) * 100).toFixed(1)
    console.log(
      `excel corpus: ${exact} of ${sheets} sheets exact (${share} %), ${withLossy} % where the code page of the ` +
        `expected CSV lost characters; workbooks refused: ${JSON.stringify(Object.fromEntries(faults))}`,
    )
    expect(exact / sheets, missed.join('\n')).toBeGreaterThanOrEqual(0.95)
  })
})
