import { isFault } from '@omni/spec'
import { describe, expect, it } from 'vitest'
import { chooseFormat } from './formats.ts'
import type { FileOptions } from './options.ts'

const OPTIONS: FileOptions = { path: 'x', format: 'auto', header: 'auto', types: 'infer' }

function formatOf(text: string, name = 'data', more: Partial<FileOptions> = {}, complete = true): string {
  try {
    return chooseFormat({ bytes: Buffer.from(text, 'utf8'), complete }, name, { ...OPTIONS, ...more }).name
  } catch (error) {
    if (!isFault(error)) throw error
    return error.code
  }
}

describe('chooseFormat', () => {
  it('goes by the bytes, and by the name where both would do', () => {
    const cases: [string, string, string?][] = [
      ['json', '[{"a":1},\n{"a":2}]'],
      ['json', '[\n{"a":1},\n{"a":2}\n]', 'a.ndjson'],
      ['json', '{\n  "a": [\n    1\n  ]\n}', 'a.csv'],
      ['json', '{"a":1}'],
      ['json', '5', 'a.json'],
      ['json', '{"a":', 'a.json'],
      ['ndjson', '{"a":1}', 'a.jsonl'],
      ['ndjson', '{"a":1}\n{"a":2}'],
      ['ndjson', '{"a":1}\r\n\r\n{"a":2}\r\n', 'a.json'],
      ['ndjson', '{"a":1}\n{"a":\n{"a":2}\n'],
      ['ndjson', '\uFEFF[1,2]\n[3,4]\n', 'a.json'],
      ['ndjson', '1\n2\n', 'a.ndjson'],
      ['csv', 'a,b\n1,2\n'],
      ['csv', 'a;b\n1,5;2,5\n', 'a.txt'],
      ['csv', 'a\tb\n1\t2\n', 'a.tsv'],
      ['parquet', 'PAR1....', 'a.csv'],
      ['avro', 'Obj\x01....', 'a.csv'],
      ['orc', 'ORC\0\0\0', 'a.csv'],
      ['csv', 'ORC,b\n1,2\n', 'a.csv'],
      ['arrow', 'ARROW1\0\0', 'a.csv'],
      ['arrow', 'FEA1', 'a.feather'],
      ['xml', '<?xml version="1.0"?><a/>', 'a.csv'],
      ['xml', '<a><b>1,2</b></a>', 'a.dat'],
      ['html', '<!doctype html><p>', 'a.json'],
      ['sqlite', 'SQLite format 3\0', 'a.csv'],
      ['log', '1.2.3.4 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 1\n', 'a.csv'],
      ['file.format.unknown', '\0\x01\x02\0\x03', 'a.dat'],
    ]
    for (const [expected, text, name] of cases)
      expect(formatOf(text, name), `${name}: ${text}`).toBe(expected)
  })

  it('tells NDJSON from JSON by the lines that are whole, when the head is cut', () => {
    expect(formatOf('{"a":1}\n{"a":2}\n{"a', 'x', {}, false)).toBe('ndjson')
    expect(formatOf('[{"a":1},{"a":2},{"a', 'x', {}, false)).toBe('json')
  })

  it('does what the options say, and refuses a path to records of what is not JSON', () => {
    expect(formatOf('a,b', 'x', { format: 'tsv' })).toBe('csv')
    expect(formatOf('{"a":1}', 'x', { format: 'csv' })).toBe('csv')
    expect(formatOf('{"a":[]}\n', 'x', { records: 'a' })).toBe('json')
    expect(formatOf('a,b\n1,2\n', 'x', { records: 'a' })).toBe('file.records.unneeded')
    expect(formatOf('{}', 'x', { records: 'a', format: 'ndjson' })).toBe('file.records.unneeded')
    expect(formatOf('<a><b/></a>', 'x', { records: 'b' })).toBe('xml')
    expect(formatOf('a  b', 'x', { widths: '3,1' })).toBe('fixed')
    expect(formatOf('a,b', 'x', { pattern: '$a,$b' })).toBe('log')
    expect(formatOf('a,b\n1,2\n', 'x', { table: 't' })).toBe('file.option.unneeded')
    expect(formatOf('a,b\n1,2\n', 'x', { columns: ['a'] })).toBe('file.option.unneeded')
    expect(formatOf('PAR1', 'x', { columns: ['a'] })).toBe('parquet')
  })
})
