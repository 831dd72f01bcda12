import { typeToString } from '@omni/arrow'
import { type Batch, isFault } from '@omni/spec'
import { describe, expect, it } from 'vitest'
import type { Format, FormatInput } from '../format.ts'
import { ndjson } from '../ndjson/index.ts'
import { json } from './index.ts'

const LIMITS = { chunkRows: 16_384, chunkBytes: 8 << 20, bufferBytes: 1 << 20 }

interface Outcome {
  rows: number
  rejected: string[]
  restarts: number
  types: string[]
  code: string
  ms: number
}

/** What a format makes of pieces, which need not be in memory all at once. */
async function outcomeOf(
  format: Format,
  pieces: () => Iterable<Buffer>,
  learned?: Map<string, unknown>,
): Promise<Outcome> {
  const outcome: Outcome = { rows: 0, rejected: [], restarts: 0, types: [], code: '', ms: 0 }
  const input: FormatInput = {
    async *open() {
      yield* pieces()
    },
    head: { bytes: new Uint8Array(), complete: false },
    fileName: 'a',
    size: null,
  }
  const from = performance.now()
  const request = { limits: LIMITS, signal: new AbortController().signal, ...(learned ? { learned } : {}) }
  try {
    for await (const chunk of format.decode(input, {} as never, request)) {
      if ('restart' in chunk) {
        Object.assign(outcome, { rows: 0, rejected: [], restarts: outcome.restarts + 1 })
        continue
      }
      outcome.rejected.push(...(chunk.rejected ?? []).map(({ code }) => code))
      if (!('batch' in chunk)) continue
      const { rows, schema } = chunk.batch as Batch
      outcome.rows += rows
      outcome.types = schema.fields.map(({ name, type }) => `${name} ${typeToString(type)}`)
    }
  } catch (error) {
    if (!isFault(error)) throw error
    outcome.code = error.code
  }
  outcome.ms = performance.now() - from
  return outcome
}

const of = (text: string) => (): Buffer[] => [Buffer.from(text)]

describe('hostile JSON', () => {
  it('nested 100,000 deep is refused at once', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    const line = await outcomeOf(ndjson, of(`{"a":1}\n${deep}\n{"a":2}\n`))
    expect(line).toMatchObject({ rows: 2, rejected: ['file.ndjson.depth'] })
    const document = await outcomeOf(json, of(`[{"a":${deep}}]`))
    expect(document).toMatchObject({ rows: 0, code: 'file.json.depth' })
    console.log(
      `100,000 levels: ${line.ms.toFixed(0)} ms as a line, ${document.ms.toFixed(0)} ms in a document`,
    )
  })

  it('with one string of a gigabyte is refused before it is all read', async () => {
    const part = Buffer.alloc(1 << 20, 'x')
    let read = 0
    const endless = (start: string) =>
      function* (): Generator<Buffer> {
        yield Buffer.from(start)
        for (read = 0; read < 1024; read++) yield part
      }
    expect(await outcomeOf(ndjson, endless('{"a":"'))).toMatchObject({ code: 'file.json.record-size' })
    expect(read).toBeLessThan(140)
    expect(await outcomeOf(json, endless('[{"a":"'))).toMatchObject({ code: 'file.json.record-size' })
    expect(read).toBeLessThan(140)
  })

  it('with a new name in every record keeps all of it, as JSON text', async () => {
    const top = await outcomeOf(ndjson, function* () {
      for (let i = 0; i < 30; i++) {
        yield Buffer.from(Array.from({ length: 1000 }, (_, j) => `{"k${i * 1000 + j}":${j}}\n`).join(''))
      }
    })
    expect(top).toMatchObject({ rows: 30_000, types: ['value utf8'], code: '' })
    const inside = await outcomeOf(ndjson, function* () {
      for (let i = 0; i < 30; i++) {
        yield Buffer.from(
          Array.from({ length: 1000 }, (_, j) => `{"a":{"k${i * 1000 + j}":${j}},"b":1}\n`).join(''),
        )
      }
    })
    expect(inside).toMatchObject({ rows: 30_000, types: ['a utf8', 'b int64'], code: '' })
    console.log(`30,000 names: ${top.ms.toFixed(0)} ms at the top, ${inside.ms.toFixed(0)} ms inside`)
  })
})

describe('types found later', () => {
  const long = (more: string) =>
    function* (): Generator<Buffer> {
      for (let i = 0; i < 40; i++) yield Buffer.from(`{"a":${i},"b":"${'y'.repeat(80)}"}\n`.repeat(1000))
      yield Buffer.from(more)
    }

  it('restart the file once, with types that hold for all of it', async () => {
    expect(await outcomeOf(ndjson, long(''))).toMatchObject({ restarts: 0, types: ['a int64', 'b utf8'] })
    expect(await outcomeOf(ndjson, long('{"a":1.5,"c":[1]}\n{"d":{}}\n{"c":[null,"x"]}'))).toMatchObject({
      rows: 40_003,
      restarts: 1,
      types: ['a float64', 'b utf8', 'c list<utf8>', 'd utf8'],
    })
    // A column that has both large integers and fractions is text, wherever they are.
    expect(await outcomeOf(ndjson, long('{"a":9007199254740993}\n{"a":1.5}'))).toMatchObject({
      restarts: 1,
      types: ['a utf8', 'b utf8'],
    })
  })

  it('are begun with in the next file of the stream', async () => {
    const learned = new Map<string, unknown>([['other', { csv: 1 }]])
    const first = await outcomeOf(ndjson, of('{"a":1.5,"s":{"x":1}}\n'), learned)
    const second = await outcomeOf(json, of('[{"s":{"y":"t"},"a":2}]'), learned)
    expect([first.types, second.types]).toEqual([
      ['a float64', 's struct<x: int64>'],
      ['a float64', 's struct<x: int64, y: utf8>'],
    ])
    expect(await outcomeOf(ndjson, of('{"a":1}\n'), learned)).toMatchObject({ types: second.types })
    expect([...learned.keys()]).toEqual(['other', 'a', 's'])
  })
})
