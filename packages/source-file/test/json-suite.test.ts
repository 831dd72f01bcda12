import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { isFault } from '@omni/spec'
import { describe, expect, it } from 'vitest'
import { corpus, readFile } from './world.ts'

const folder = corpus('json/test_parsing')

describe('JSONTestSuite', () => {
  it('accepts every y_, refuses every n_, and answers every i_ the same way each time', async (ctx) => {
    if (!folder) return ctx.skip('the public corpora are not on this machine')
    const verdicts: Record<'y' | 'n' | 'i', Record<string, string>> = { y: {}, n: {}, i: {} }
    for (const name of readdirSync(folder)) {
      const kind = name[0] as 'y' | 'n' | 'i'
      verdicts[kind][name] = await judge(join(folder, name))
    }
    const refused = Object.entries(verdicts.y).filter(([, verdict]) => verdict !== 'accepted')
    const accepted = Object.entries(verdicts.n).filter(([, verdict]) => verdict === 'accepted')
    expect(refused).toEqual([])
    expect(accepted).toEqual([])
    expect(Object.keys(verdicts.y)).toHaveLength(95)
    expect(Object.keys(verdicts.n)).toHaveLength(188)
    expect(verdicts.i).toMatchSnapshot()
    // A thread of its own for each of more than three hundred files.
  }, 180_000)
})

/** `accepted` when every record was kept, else the code of the fault. */
async function judge(path: string): Promise<string> {
  try {
    const { rejected } = await readFile(path)
    return rejected.length === 0 ? 'accepted' : `rejected ${rejected[0]?.code}`
  } catch (error) {
    if (!isFault(error)) throw error
    return error.code
  }
}
