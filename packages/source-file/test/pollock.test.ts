import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { describe, expect, it } from 'vitest'
import { describeScore, type FileScore, scoreFile, scoreSet } from './pollock-score.ts'
import { corpus } from './world.ts'

const folder = corpus('pollock')

describe('the Pollock benchmark', () => {
  it('is read with no parameters given', async (ctx) => {
    if (!folder) return ctx.skip('The corpus pollock is not here; set OMNI_CORPORA.')
    const scores: FileScore[] = []
    for (const name of readdirSync(join(folder, 'csv'))) {
      const clean: string[][] = parse(readFileSync(join(folder, 'clean', name)), {
        relax_column_count: true,
      })
      const parameters = JSON.parse(
        readFileSync(join(folder, 'parameters', `${name}_parameters.json`), 'utf8'),
      )
      const isNamed = parameters.header_lines > 0
      const wanted = { header: isNamed ? clean[0]! : [], rows: isNamed ? clean.slice(1) : clean }
      scores.push(await scoreFile(name, readFileSync(join(folder, 'csv', name)), wanted))
    }
    const total = scoreSet(scores)
    console.log(describeScore('Pollock', total))
    for (const { name, isExact, why, damaged, flagged } of scores) {
      if (process.env['POLLOCK_VERBOSE'] && (!isExact || (name.startsWith('row_') && flagged === 0)))
        console.log(name, { isExact, damaged, flagged, why })
    }
    expect(total.sum).toBeGreaterThanOrEqual(9.96)
    expect(total.exactFiles).toBeGreaterThanOrEqual(0.8)
    expect(total.damagedBeyond).toBeLessThanOrEqual(0.2)
    expect(total.flagged).toBeGreaterThanOrEqual(0.99)
  }, 120_000)
})
