import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Format, OmniCollector } from '../src/index.ts'
import { allBytes, chunks, expectValidManifests, filesBelow, makeRoot, scripted } from './world.ts'

const MAIL = 'jürgen.müller@beispiel.example'
const PHONE = '+49 151 23456789'

describe('personal data', () => {
  it.each(['parquet', 'csv', 'ndjson'] as const)(
    'in names, options and rejected records is in no file (%s)',
    async (format: Format) => {
      const root = makeRoot()
      const oc = new OmniCollector({ root })
      const both = `${MAIL} ${PHONE}`
      const rejected = [
        { locator: `line of ${both}`, code: 'x.y', reason: `Because of ${both}.`, raw: `a;${both};c` },
        { locator: 'line 2', code: 'x.y', reason: 'Bytes.', raw: Buffer.from(`b;${both}`) },
      ]
      const collector = scripted({
        label: `script:${both}`,
        dataset: both,
        options: { query: `select * from t where mail = '${MAIL}'`, phone: PHONE },
        streams: [{ name: `of ${both}` }, { name: 'other' }],
        capabilities: { replay: true, splits: true, positions: true },
        splits: async () => [{ id: `split ${both}` }],
        read: async function* (_stream, from) {
          if (from !== undefined) return
          yield {
            rows: [{ [`about ${MAIL}`]: both, nested: { list: [both] } }],
            rejected,
            position: { at: 1 },
          }
        },
      })
      const snapshot = await oc.collect(collector, {
        format,
        tags: { owner: MAIL },
        masks: [{ column: `about ${MAIL}`, action: 'redact' }],
      })
      expect(snapshot.counts).toEqual({ read: 6, kept: 2, quarantined: 4, filtered: 0 })
      await expect(
        oc.collect(scripted({ dataset: both, read: chunks({ rows: [{ a: Symbol(MAIL) }] }) })),
      ).rejects.toThrow()
      const written = allBytes(root)
      for (const part of [
        MAIL,
        'müller',
        'beispiel',
        PHONE,
        '23456789',
        Buffer.from(MAIL).toString('base64'),
      ]) {
        expect(written.includes(part), part).toBe(false)
      }
      expect(readFileSync(path.join(root, 'logs', 'ingest.log'), 'utf8')).toContain('script:[EMAIL] [PHONE]')
      expect(filesBelow(root).some((file) => file.includes('lineage'))).toBe(true)
      expect((await oc.collect(collector, { format })).unchanged).toBe(true)
      expect((await oc.verify()).findings).toEqual([])
      expectValidManifests(root)
    },
  )
})
