import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { normalizeBatch, readColumn } from '@omni/arrow'
import { isFault } from '@omni/spec'
import { describe, expect, test } from 'vitest'
import { corpus, readFile } from './world.ts'

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

/** The sheet as a grid of text, with nothing but the product's own options. */
async function readGrid(path: string, sheet: number): Promise<(string | null)[][]> {
  const read = await readFile({ path, sheet: String(sheet), header: 'no', cells: 'displayed' })
  const rows: (string | null)[][] = []
  for (const some of read.batches) {
    const batch = await normalizeBatch(some)
    const columns = batch.columns.map((column) => readColumn(column))
    for (let row = 0; row < batch.rows; row++) rows.push(columns.map((column) => column.text(row)))
  }
  return rows
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
  test('sheets equal what Excel saved, and no workbook crashes', { timeout: 300_000 }, async () => {
    const root = folder as string
    let sheets = 0
    let exact = 0
    let lossy = 0
    const faults = new Map<string, number>()
    const missed: string[] = []
    for (const [workbook, numbers] of expectedSheets(root)) {
      for (const [index, names] of numbers) {
        sheets++
        let csv: string
        try {
          csv = normalize(toCsv(await readGrid(join(root, 'workbooks', workbook), index + 1)))
        } catch (error) {
          if (!isFault(error)) throw error
          faults.set(error.code, (faults.get(error.code) ?? 0) + 1)
          missed.push(`${workbook} ${index}: ${error.code} ${error.why}`)
          continue
        }
        const found = names.map((name) => isSame(readFileSync(join(root, 'expected', name)), csv))
        if (found.includes('exact')) exact++
        else if (found.some((same) => same !== undefined)) lossy++
        else missed.push(`${workbook} ${index}`)
      }
    }
    const share = ((exact / sheets) * 100).toFixed(1)
    const withLossy = (((exact + lossy) / sheets) * 100).toFixed(1)
    console.log(
      `excel corpus: ${exact} of ${sheets} sheets exact (${share} %), ${withLossy} % where the code page of the ` +
        `expected CSV lost characters; refused: ${JSON.stringify(Object.fromEntries(faults))}`,
    )
    expect((exact + lossy) / sheets, missed.join('\n')).toBeGreaterThanOrEqual(0.95)
  })
})
