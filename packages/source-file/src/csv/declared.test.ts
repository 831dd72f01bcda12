import { describe, expect, it } from 'vitest'
import { readCsv } from '../../test/csv-world.ts'
import { csv } from './index.ts'

const types = JSON.stringify({
  columns: { id: 'int64', price: 'decimal(9,2)', day: 'date', at: 'timestamp(ms)' },
})

describe('declared types', () => {
  it('hold without a restart, and a value that contradicts one is rejected with line and column', async () => {
    const content =
      'id,price,day,at,x\n1,1.5,2024-01-02,2024-01-01 10:00:00,a\n2,2,2024-02-30,,b\nx,2.25,2024-01-01,,c\n4,1.005,,,d\n5,,,,7\n'
    const { types: found, rows, rejected, restarts } = await readCsv(content, { options: { types } })
    expect(found).toEqual(['int', 'decimal(2)', 'date', 'timestamp', 'utf8'])
    expect(rows).toEqual([
      ['1', '1.50', '2024-01-02', '2024-01-01T10:00:00.000', 'a'],
      ['5', null, null, null, '7'],
    ])
    expect(rejected.map(({ locator, code }) => [locator, code])).toEqual([
      ['line 3', 'file.csv.type'],
      ['line 4', 'file.csv.type'],
      ['line 5', 'file.csv.type'],
    ])
    expect(rejected[0]?.reason).toContain('"day"')
    expect(restarts).toEqual([])
  })

  it.each([['{'], ['{"columns":{"id":"number"}}'], ['{"columns":{"other":"date"}}'], ['{"colums":{}}']])(
    'refuses the schema %s',
    async (text) => {
      await expect(readCsv('id\n1\n', { options: { types: text } })).rejects.toMatchObject({
        kind: 'config',
        code: 'file.csv.types',
      })
    },
  )
})

describe('several files of one stream', () => {
  const read = async (content: string, learned: Map<string, unknown>): Promise<string[]> => {
    const bytes = Buffer.from(content)
    const input = {
      async *open() {
        yield bytes
      },
      head: { bytes, complete: true },
      fileName: 'x.csv',
      size: bytes.length,
    }
    const limits = { chunkRows: 100, chunkBytes: 1 << 20, bufferBytes: 1 << 20 }
    const request = { limits, signal: new AbortController().signal, learned }
    const options = { path: 'x', format: 'auto', header: 'auto', types: 'infer' } as const
    const found: string[] = []
    for await (const chunk of csv.decode(
      input,
      { ...options, decodeTimeoutMs: 1000, maxMemoryBytes: 1 << 28 } as never,
      request,
    )) {
      if ('batch' in chunk && 'columns' in chunk.batch)
        found.push(...chunk.batch.schema.fields.map(({ type }) => type.kind))
    }
    return found
  }

  it('end up alike', async () => {
    const learned = new Map<string, unknown>()
    expect(await read('a,b\n1,\n2,\n', learned)).toEqual(['int', 'utf8'])
    expect(await read('a,b\n1.5,2024-01-01\n', learned)).toEqual(['float', 'date'])
    expect(await read('a,b\n1,\n2,\n', learned)).toEqual(['float', 'date'])
  })
})
