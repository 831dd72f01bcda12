import { readFileSync } from 'node:fs'
import { parseType } from '@omni/arrow'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTally } from '../intake/read-stream.ts'
import { checkCounts, countStream } from './build.ts'
import { canonicalJson } from './canonical-json.ts'
import { manifestFields, schemaOfFields } from './fields.ts'
import { parseManifest } from './parse.ts'

describe('the counts', () => {
  it('must be the same where records come in and where they go', () => {
    const tally = { ...createTally(), rows: 10, rejected: 2, filtered: 3 }
    const files = (...rows: number[]) => ({
      files: rows.map((n) => ({ path: 'p', bytes: 1, rows: n, sha256: '' })),
    })
    const check = (rows: number[], quarantined: number) => () =>
      checkCounts({ name: 's', counts: countStream(tally, files(...rows), quarantined) })
    expect(check([4, 6], 2)).not.toThrow()
    expect(check([4, 5], 2)).toThrow(/15 records came in, but 9 were kept, 2 quarantined and 3 filtered/)
    expect(check([10], 1)).toThrow()
    expect(check([11], 2)).toThrow()
  })
})

describe('canonical JSON', () => {
  it('does not depend on the order of keys, and says the same value', () => {
    expect(canonicalJson({ b: [1, { d: null, c: undefined }], a: 'ü"' })).toBe(
      '{"a":"ü\\"","b":[1,{"d":null}]}',
    )
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const turned = Object.fromEntries(Object.entries(value).reverse())
        expect(canonicalJson(turned)).toBe(canonicalJson(value))
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })
})

describe('a manifest', () => {
  it('keeps the schema, and what was done to nested values', () => {
    const schema = {
      fields: [
        { name: 'a', type: parseType('list<struct<mail: utf8, "x y": decimal(5,2)>>'), nullable: true },
        { name: 'ab', type: parseType('int64'), nullable: false, sourceType: 'bigint' },
      ],
    }
    const column = { detectors: ['email'], hits: { email: 2 }, action: 'redact', by: 'content' } as const
    const report = {
      mode: 'detect',
      enabled: true,
      columns: { 'a[].mail': column },
      residual: { blocks: 1, values: 1, hits: 0 },
      blocks: 1,
    } as const
    const fields = manifestFields(schema, report)
    expect(fields.map((field) => [field.class, field.mask])).toEqual([
      ['email', 'redact'],
      [undefined, undefined],
    ])
    expect(schemaOfFields(fields)).toEqual(schema)
  })

  it('is refused when it is none, is newer, or points outside its folder', () => {
    const good = {
      version: 1,
      dataset: 'd',
      snapshot: 's',
      format: 'csv',
      counts: { kept: 0 },
      position: [],
      quarantine: null,
      digest: { value: 'ab'.repeat(32) },
      streams: [{ name: 'x', folder: '', digest: '', schema: [], files: [{ path: 'part-00000.csv' }] }],
    }
    expect(parseManifest(JSON.stringify(good), 'm')).toEqual(good)
    expect(() => parseManifest(JSON.stringify({ ...good, version: 2 }), 'm')).toThrow(/Update/)
    for (const path of ['../x', '/etc/passwd', 'a/../../b', 'C:\\x', '..\\x', 'a\0b', './x']) {
      const bad = { ...good, streams: [{ ...good.streams[0], files: [{ path }] }] }
      expect(() => parseManifest(JSON.stringify(bad), 'm'), path).toThrow(/outside its folder/)
    }
  })

  it('has one JSON Schema, in the package and in the docs', (ctx) => {
    const read = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8')
    const shipped = read('../../schema/manifest-1.json')
    let published = ''
    try {
      published = read('../../../../docs/schema/manifest-1.json')
    } catch {
      ctx.skip('the docs are not beside the package')
    }
    expect(shipped).toBe(published)
  })
})
