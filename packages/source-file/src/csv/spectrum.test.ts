import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { readCsv } from '../../test/csv-world.ts'

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const folder = resolve(process.env['OMNI_CORPORA'] ?? resolve(root, '../shared/corpora'), 'csv-spectrum')

describe('csv-spectrum', () => {
  it('gives exactly the rows of all 11 files', async (ctx) => {
    if (!existsSync(folder)) return ctx.skip('The corpus csv-spectrum is not here; set OMNI_CORPORA.')
    const names = readdirSync(resolve(folder, 'csvs')).map((name) => name.replace('.csv', ''))
    expect(names).toHaveLength(11)
    for (const name of names) {
      const wanted: Record<string, string>[] = JSON.parse(
        readFileSync(resolve(folder, `json/${name}.json`), 'utf8'),
      )
      const raw = readFileSync(resolve(folder, `csvs/${name}.csv`), 'utf8')
      // A checkout may have turned the line ends of these files, which their JSON still holds, to LF.
      const text = name.endsWith('_crlf') ? raw.replaceAll(/\r?\n/g, '\r\n') : raw
      const read = await readCsv(text, { options: { types: 'text' }, fileName: `${name}.csv` })
      const rows = read.rows.map((row) => Object.fromEntries(row.map((value, i) => [read.names[i], value])))
      expect(rows, name).toEqual(wanted)
      expect(read.rejected, name).toEqual([])
    }
  })
})
