import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { isFault } from '@omni/spec'
import { describe, expect, it } from 'vitest'
import type { FormatInput } from '../src/format.ts'
import { chooseFormat } from '../src/formats.ts'
import { file } from '../src/index.ts'
import type { FileOptions } from '../src/options.ts'
import { corpus, LIMITS } from './world.ts'

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
  }, 60_000)
})

/** `accepted` when every record was kept, else the code of the fault. In this thread: to start 318 takes minutes. */
async function judge(path: string): Promise<string> {
  const bytes = readFileSync(path)
  if (bytes.length === 0) return 'file.empty'
  const head = { bytes, complete: true }
  const input: FormatInput = {
    async *open() {
      yield bytes
    },
    head,
    fileName: basename(path),
    size: bytes.length,
  }
  const options = file(path).options as FileOptions
  try {
    const format = await chooseFormat(head, input.fileName, options).load()
    const request = { limits: LIMITS, signal: new AbortController().signal }
    const rejected: string[] = []
    for await (const chunk of format.decode(input, options, request)) {
      if ('restart' in chunk) rejected.length = 0
      else rejected.push(...(chunk.rejected ?? []).map(({ code }) => code))
    }
    return rejected.length === 0 ? 'accepted' : `rejected ${rejected[0]}`
  } catch (error) {
    if (!isFault(error)) throw error
    return error.code
  }
}
