import { mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isFault } from '@omni/spec'
import { describe, expect, it } from 'vitest'
import { corpus, readFile } from './world.ts'

const folder = corpus('zip')

describe('zip corpus', { timeout: 180_000 }, () => {
  it('refuses every broken archive with a class', async (ctx) => {
    if (!folder) return ctx.skip('the public corpora are not on this machine')
    const verdicts = await judgeAll(join(folder, 'failure'))
    expect(Object.entries(verdicts).filter(([, verdict]) => verdict.startsWith('read'))).toEqual([])
    expect(Object.keys(verdicts).length).toBeGreaterThan(20)
  })

  it('reads a sound archive, or says what is the matter', async (ctx) => {
    if (!folder) return ctx.skip('the public corpora are not on this machine')
    const verdicts = await judgeAll(join(folder, 'success'))
    const damaged = Object.entries(verdicts).filter(([, verdict]) => /corrupt|truncated|path/.test(verdict))
    expect(damaged).toEqual([])
  })

  it('writes nothing to the disk', async (ctx) => {
    if (!folder) return ctx.skip('the public corpora are not on this machine')
    const before = process.cwd()
    const empty = mkdtempSync(join(tmpdir(), 'omni-zip-'))
    process.chdir(empty)
    try {
      await judgeAll(join(folder, 'failure'))
      await judgeAll(join(folder, 'success'))
    } finally {
      process.chdir(before)
    }
    expect(readdirSync(empty)).toEqual([])
  })
})

async function judgeAll(path: string): Promise<Record<string, string>> {
  const verdicts: Record<string, string> = {}
  for (const name of readdirSync(path)) verdicts[name] = await judge(join(path, name))
  return verdicts
}

async function judge(path: string): Promise<string> {
  try {
    const { rows } = await readFile(path)
    return `read ${rows.length}`
  } catch (error) {
    if (!isFault(error)) throw error
    return error.code
  }
}
