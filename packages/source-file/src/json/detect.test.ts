import { describe, expect, it } from 'vitest'
import { scoreJson } from './detect.ts'

describe('scoreJson', () => {
  it('tells lines, documents and objects one after another apart, whatever the name', () => {
    const score = (text: string, name = 'a'): string => {
      const { json, ndjson } = scoreJson({ bytes: Buffer.from(text), complete: true }, name)
      return json > ndjson ? 'json' : 'ndjson'
    }
    expect(score('{"a":1}\n{"a":2}\n', 'a.json')).toBe('ndjson')
    expect(score('[{"a":1},\n{"a":2}]\n', 'a.json')).toBe('json')
    expect(score('{"a":1}{"a":2}', 'a.json')).toBe('json')
    expect(score('{"a":1} {"a":"}{"}\n{"a":1}{"a":2}\n', 'a.jsonl')).toBe('json')
    expect(score('{\n  "a": 1\n}\n{\n  "a": 2\n}\n', 'a.jsonl')).toBe('json')
    expect(score('{"a":1}\n{"a":1}{"a":2}\n{"a":3}\n', 'a.jsonl')).toBe('ndjson')
    expect(score('{"a":1}\n', 'a.jsonl')).toBe('ndjson')
    expect(score('{"a":1}\n', 'a.json')).toBe('json')
  })
})
