import { describe, expect, it } from 'vitest'
import { describeScore, type FileScore, scoreFile, scoreSet } from './pollock-score.ts'
import { makeTables, type Polluted, polluteFile, polluteRow, polluteRowDelimiter } from './pollock-world.ts'

/** Every how many places of a table are polluted. */
const STEP = 31

describe('tables that nobody has fitted the reading to', () => {
  it('are read as well as those of the benchmark when polluted like them', async () => {
    const files: Polluted[] = []
    for (const table of makeTables(60)) {
      files.push(...polluteFile(table))
      for (let place = 0; place < (table.rows.length + 1) * table.header.length; place += STEP) {
        const row = Math.floor(place / table.header.length)
        files.push(...polluteRow(table, row, place % table.header.length))
        if (row > 0) files.push(polluteRowDelimiter(table, row, [' ', ';', '\t'][row % 3] ?? ' '))
      }
    }
    const scores: FileScore[] = []
    for (const { name, bytes, wanted } of files) scores.push(await scoreFile(name, bytes, wanted))
    const total = scoreSet(scores)
    console.log(describeScore(`${files.length} files of our own`, total))
    expect(total.sum).toBeGreaterThanOrEqual(9.96)
    expect(total.exactFiles).toBeGreaterThanOrEqual(0.8)
    expect(total.damagedBeyond).toBeLessThanOrEqual(0.2)
    expect(total.flagged).toBeGreaterThanOrEqual(0.99)
  }, 120_000)
})
