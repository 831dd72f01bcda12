import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { checkBatch, concatBatches, normalizeBatch } from '@omni/arrow'
import { isFault } from '@omni/spec'
import { describe, expect, it } from 'vitest'
import { differenceOf, parseLine } from './orc-expected.ts'
import { corpus, readFile } from './world.ts'

const folder = corpus('orc/examples')

describe('orc/examples', () => {
  it('gives what ORC itself gives, row by row', { timeout: 300_000 }, async (ctx) => {
    if (!folder) return ctx.skip('the public corpora are not on this machine')
    const verdicts: Record<string, string> = {}
    let rows = 0
    for (const name of readdirSync(join(folder, 'expected')).sort()) {
      const base = name.replace('.jsn.gz', '')
      const lines = gunzipSync(readFileSync(join(folder, 'expected', name)))
        .toString('utf8')
        .split('\n')
        .filter(Boolean)
      rows += lines.length
      verdicts[base] = await judge(join(folder, `${base}.orc`), lines.map(parseLine))
    }
    const equal = Object.values(verdicts).filter((verdict) => verdict === 'equal').length
    console.log(
      `orc/examples: ${equal} of ${Object.keys(verdicts).length} expected dumps equal, ${rows} rows`,
    )
    expect(Object.entries(verdicts).filter(([, verdict]) => verdict !== 'equal')).toEqual([])
  })

  it('reads or refuses every other file, the damaged and encrypted ones with their class', {
    timeout: 300_000,
  }, async (ctx) => {
    if (!folder) return ctx.skip('the public corpora are not on this machine')
    const verdicts: string[] = []
    for (const sub of ['.', 'corrupt', 'encrypted']) {
      for (const name of readdirSync(join(folder, sub)).filter((file) => file.endsWith('.orc'))) {
        if (sub === '.' && existsSync(join(folder, 'expected', name.replace('.orc', '.jsn.gz')))) continue
        const verdict = await outcome(join(folder, sub, name))
        verdicts.push(verdict)
        if (sub === 'corrupt') expect(verdict).toMatch(/^file\.orc\.(?:corrupt|truncated)/)
        if (sub === 'encrypted') expect(verdict).toMatch(/^file\.orc\.encrypted/)
      }
    }
    const read = verdicts.filter((verdict) => verdict.startsWith('read')).length
    console.log(`orc/examples without a dump: ${read} read, ${verdicts.length - read} refused`)
  })
})

async function judge(path: string, lines: readonly unknown[]): Promise<string> {
  try {
    const { batches } = await readFile({ path, format: 'orc' })
    const all = await Promise.all(batches.map(normalizeBatch))
    const isPlain = lines.length > 0 && (typeof lines[0] !== 'object' || lines[0] === null)
    let at = 0
    for (const batch of all) {
      checkBatch(batch)
      const difference = differenceOf(batch, lines.slice(at, at + batch.rows), isPlain)
      if (difference) return `from ${at}: ${difference}`
      at += batch.rows
    }
    return at === lines.length ? 'equal' : `${at} rows of ${lines.length}`
  } catch (error) {
    return String(
      isFault(error)
        ? `${error.code}: ${error.why} ${String((error.cause as Error)?.stack ?? '')}`
        : (error as Error).stack,
    )
  }
}

async function outcome(path: string): Promise<string> {
  try {
    const { batches } = await readFile({ path, format: 'orc' })
    const all = (await Promise.all(batches.map(normalizeBatch))).map(checkBatch)
    return `read ${all.length > 0 ? concatBatches(all).rows : 0} rows`
  } catch (error) {
    if (!isFault(error)) throw error
    return `${error.code}: ${error.why}`
  }
}
