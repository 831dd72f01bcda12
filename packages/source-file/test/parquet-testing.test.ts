import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { normalizeBatch } from '@omni/arrow'
import { isFault } from '@omni/spec'
import { describe, expect, it } from 'vitest'
import { ofBatch, readWithDuckdb } from './parquet-duckdb.ts'
import { corpus, readFile } from './world.ts'

const folder = corpus('parquet-testing/data')

describe('parquet-testing', () => {
  it('gives what DuckDB gives, or refuses with a class', { timeout: 120_000 }, async (ctx) => {
    if (!folder) return ctx.skip('the public corpora are not on this machine')
    const tally: Record<string, string> = {}
    for (const name of readdirSync(folder).filter((file) => file.endsWith('.parquet'))) {
      tally[name] = await judge(join(folder, name))
    }
    const verdicts = Object.values(tally)
    const count = (start: string): number => verdicts.filter((verdict) => verdict.startsWith(start)).length
    console.log(
      `parquet-testing: ${count('equal')} equal, ${count('refused')} refused, ${count('alone')} that DuckDB cannot read, ${count('WRONG')} wrong`,
    )
    for (const [name, verdict] of Object.entries(tally)) if (verdict !== 'equal') console.log(name, verdict)
    expect(Object.entries(tally).filter(([, verdict]) => verdict.startsWith('WRONG'))).toEqual([])
    expect(count('equal')).toBeGreaterThanOrEqual(55)
  })
})

async function judge(path: string): Promise<string> {
  let ours: string[][]
  try {
    const { batches } = await readFile(path)
    ours = (await Promise.all(batches.map((batch) => normalizeBatch(batch)))).flatMap(ofBatch)
  } catch (error) {
    if (!isFault(error)) throw error
    return `refused ${error.kind} ${error.code}: ${error.why} ${process.env['DEBUG'] ? String(error.cause) : ''}`
  }
  let theirs: string[][]
  try {
    theirs = (await readWithDuckdb(path)).rows
  } catch (error) {
    return `alone ${String(error).slice(0, 120)}`
  }
  if (ours.length !== theirs.length) return `WRONG ${ours.length} rows, DuckDB ${theirs.length}`
  for (const [i, row] of theirs.entries()) {
    for (const [c, value] of row.entries()) {
      if (ours[i]?.[c] !== value) return `WRONG row ${i} column ${c}: ${ours[i]?.[c]} is not ${value}`
    }
  }
  return 'equal'
}
