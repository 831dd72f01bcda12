import { isFault } from '@omni/spec'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseExact } from './parse.ts'
import { parsePath } from './path.ts'
import { createSplitter, parseCaptured } from './split.ts'

/** Records of a document that comes in pieces of the given sizes. */
function split(text: string | Buffer, path = '', pieceBytes = 1 << 20): unknown[] {
  const records: unknown[] = []
  const splitter = createSplitter(parsePath(path), (record) => {
    records.push(parseCaptured(record, parseExact))
  })
  const bytes = Buffer.from(text as string)
  for (let at = 0; at < bytes.length; at += pieceBytes) splitter.push(bytes.subarray(at, at + pieceBytes))
  splitter.end()
  return splitter.isFound ? records : ['not found']
}

function whyOf(text: string | Buffer, path = '', pieceBytes = 1 << 20): string {
  try {
    split(text, path, pieceBytes)
    return 'no fault'
  } catch (error) {
    if (!isFault(error)) throw error
    return `${error.code}: ${error.why}`
  }
}

describe('createSplitter', () => {
  it('gives the items of an array, whatever the pieces', () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue({ maxDepth: 3 })),
        fc.constantFrom(undefined, 2),
        fc.integer({ min: 1, max: 40 }),
        (items, indent, pieceBytes) => {
          const plain = parseExact(JSON.stringify(items))
          expect(split(JSON.stringify(items, null, indent), '', pieceBytes)).toEqual(plain)
          const deep = { a: [{ x: '}]"' }, 1], b: { items }, c: items }
          expect(split(JSON.stringify(deep, null, indent), 'b.items', pieceBytes)).toEqual(plain)
        },
      ),
    )
  })

  it('finds records by every kind of path', () => {
    const text = '{"data":[{"x":1},{"items":[1,2]}],"a/b":{"~":[3]},"one":{"y":1},"n":5}'
    expect(split(text, 'data.1.items')).toEqual([1, 2])
    expect(split(text, '$.data[1].items[*]')).toEqual([1, 2])
    expect(split(text, '/data/1/items')).toEqual([1, 2])
    expect(split(text, '/a~1b/~0')).toEqual([3])
    expect(split(text, "$['a/b']['~']")).toEqual([3])
    expect(split(text, 'one')).toEqual([{ y: 1 }])
    expect(split(text, 'n')).toEqual([5])
    expect(split(text, 'data.2')).toEqual(['not found'])
    expect(split(text)).toEqual([JSON.parse(text)])
    expect(() => parsePath('a..b')).toThrow(/character 3/)
  })

  it('refuses a wrong document wherever the pieces are cut, at the same place', () => {
    const cases: Record<string, string> = {
      '[1,2': 'line 1, column 5',
      '[{"a":1}\n,{"a":2},\n\n{"a" 3}]': 'line 4, column 6',
      '[1,]': 'line 1, column 4',
      '[1 2]': 'line 1, column 4',
      '[1]]': 'line 1, column 4',
      '[1}': 'line 1, column 3',
      '{"a":1},': 'line 1, column 8',
      '[tru]': 'line 1, column 2',
      '["é", x]': 'line 1, column 8',
    }
    for (const [text, place] of Object.entries(cases)) {
      for (const pieceBytes of [1, 2, 3, 100]) expect(whyOf(text, '', pieceBytes), text).toContain(place)
    }
    expect(whyOf('{"skip":[1,,2],"items":[]}', 'items')).toContain('line 1, column 12')
    expect(whyOf('{"skip":{"a"},"items":[]}', 'items')).toContain('line 1, column 13')
    expect(whyOf('{"items":[],"b":tru}', 'items')).toContain('column 17')
  })

  it('passes over a byte order mark, and refuses a part of one', () => {
    for (const pieceBytes of [1, 2, 100]) {
      expect(split('\uFEFF[1]', '', pieceBytes)).toEqual([1])
      for (const cut of [1, 2]) {
        const bytes = Buffer.concat([Buffer.from('\uFEFF').subarray(0, cut), Buffer.from('[1]')])
        expect(whyOf(bytes, '', pieceBytes)).toContain('file.json.syntax')
      }
    }
  })

  it('refuses what is not UTF-8, and too deep a nesting beside the path too', () => {
    expect(whyOf(Buffer.from('["\xff"]', 'latin1'))).toContain('file.json.utf8')
    expect(whyOf('['.repeat(100_000))).toContain('file.json.depth')
    expect(whyOf(`{"skip":${'['.repeat(1000)}`, 'items')).toContain('file.json.depth')
  })
})
