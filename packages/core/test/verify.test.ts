import { appendFileSync, chmodSync, cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { OmniCollector } from '../src/index.ts'
import { chunks, filesBelow, makeRoot, scripted } from './world.ts'

async function fill(root: string): Promise<void> {
  let time = Date.parse('2026-01-02T03:04:05.678Z')
  const oc = new OmniCollector({ root, now: () => time++ })
  const rejected = [{ locator: 'line 3', code: 'x.bad', reason: 'No.', raw: 'broken' }]
  for (const format of ['parquet', 'csv', 'ndjson'] as const) {
    const read = chunks({
      rows: [
        { id: 1, t: `läuft ${format}` },
        { id: 2, t: null },
      ],
      rejected,
    })
    await oc.collect(scripted({ read, dataset: format }), { format })
  }
  await oc.collect(
    scripted({
      read: chunks({
        rows: [
          { id: 1, t: 'läuft csv' },
          { id: 2, t: null },
        ],
        rejected,
      }),
      dataset: 'csv',
    }),
    {
      format: 'csv',
    },
  )
}

/** A copy of a filled root, to be damaged. */
async function makeFilled(): Promise<string> {
  const root = makeRoot()
  await fill(root)
  return root
}

function change(file: string, edit: (bytes: Buffer) => Buffer): void {
  const bytes = readFileSync(file)
  chmodSync(file, 0o644)
  writeFileSync(file, edit(Buffer.from(bytes)))
}

const lines = (file: string): string[] => readFileSync(file, 'utf8').split(/(?<=\n)/)

describe('verify', () => {
  let root = ''

  it('has nothing to say of what was not touched', async () => {
    root = await makeFilled()
    expect(await new OmniCollector({ root }).verify()).toEqual({ ok: true, snapshots: 3, findings: [] })
    expect(
      lines(path.join(root, 'logs', 'ingest.log')).filter((line) => line.includes('unchanged')),
    ).toHaveLength(1)
  })

  it('names the file of any flipped bit', { timeout: 120_000 }, async () => {
    root = await makeFilled()
    const oc = new OmniCollector({ root })
    const files = filesBelow(root).filter((file) => !file.includes('/lineage/'))
    expect(files.filter((file) => file.endsWith('quarantine.ndjson'))).toHaveLength(3)
    for (const file of files) {
      const full = path.join(root, file)
      const original = readFileSync(full)
      // Every bit of the small files would take minutes; a stride that is no multiple of eight meets each of them.
      const stride = Math.max(1, Math.floor((original.length * 8) / 40) | 1)
      for (let bit = 0; bit < original.length * 8; bit += stride) {
        change(full, (bytes) => {
          bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7))
          return bytes
        })
        const { ok, findings } = await oc.verify()
        expect(ok, `${file}, bit ${bit}`).toBe(false)
        const folder = file.startsWith('logs/') ? 'logs/' : path.posix.dirname(file)
        expect(
          findings.some(({ where }) => where.startsWith(folder)),
          `${file}, bit ${bit}`,
        ).toBe(true)
        if (!file.startsWith('logs/'))
          expect(
            findings.some(({ where }) => where === file),
            file,
          ).toBe(true)
        writeFileSync(full, original)
      }
    }
    expect((await oc.verify()).ok).toBe(true)
  })

  it.each([
    ['dropped first', (all: string[]) => all.slice(1)],
    ['dropped in the middle', (all: string[]) => all.filter((_, i) => i !== 1)],
    ['dropped last', (all: string[]) => all.slice(0, -1)],
    ['swapped', (all: string[]) => [all[1] ?? '', all[0] ?? '', ...all.slice(2)]],
    ['doubled', (all: string[]) => [...all, all.at(-1) ?? '']],
    ['edited', (all: string[]) => all.map((line, i) => (i === 2 ? line.replace(/2/, '3') : line))],
    ['torn', (all: string[]) => [all.join('').slice(0, -9)]],
    ['emptied', () => []],
  ])('names a log whose line was %s', async (_what, edit) => {
    for (const log of ['ingest.log', 'ingest.jsonl']) {
      root = await makeFilled()
      const file = path.join(root, 'logs', log)
      const all = lines(file).filter((line) => line !== '')
      change(file, () => Buffer.from(edit(all).join('')))
      const { findings } = await new OmniCollector({ root }).verify()
      expect(
        findings.some(({ where }) => where.startsWith('logs/ingest.')),
        log,
      ).toBe(true)
    }
  })

  it('notices both logs cut alike, by the head and by the snapshot without a line', async () => {
    root = await makeFilled()
    for (const log of ['ingest.log', 'ingest.jsonl']) {
      const file = path.join(root, 'logs', log)
      const all = lines(file).filter((line) => line !== '')
      change(file, () => Buffer.from(all.slice(0, 2).join('')))
    }
    const { findings } = await new OmniCollector({ root }).verify()
    expect(findings.map(({ code }) => code).sort()).toEqual(['log.cut', 'snapshot.unlogged'])
    const collect = new OmniCollector({ root }).collect(scripted({ read: chunks({ rows: [{ a: 1 }] }) }))
    await expect(collect).rejects.toMatchObject({ code: 'audit.damaged' })
  })

  it('names a missing, an added and a renamed thing', async () => {
    root = await makeFilled()
    const oc = new OmniCollector({ root })
    const [csv, ndjson, parquet] = await oc.snapshots()
    rmSync(csv?.path ?? '', { recursive: true })
    cpSync(path.join(ndjson?.path ?? '', 'manifest.json'), path.join(ndjson?.path ?? '', 'added.json'))
    rmSync(path.join(parquet?.path ?? '', 'part-00000.parquet'))
    renameSync(path.join(root, 'data', 'raw', 'parquet'), path.join(root, 'data', 'raw', 'moved'))
    const { findings, snapshots } = await oc.verify()
    expect(snapshots).toBe(2)
    expect(
      findings.map(({ code, where }) => `${code} ${where.split('/').slice(0, 3).join('/')}`).sort(),
    ).toEqual([
      'file.extra data/raw/ndjson',
      'file.missing data/raw/moved',
      'snapshot.missing data/raw/csv',
      'snapshot.missing data/raw/parquet',
      'snapshot.name data/raw/moved',
      'snapshot.unlogged data/raw/moved',
    ])
  })

  it('reports a dataset that only the log still knows, and refuses one that nobody knows', async () => {
    root = await makeFilled()
    const oc = new OmniCollector({ root })
    rmSync(path.join(root, 'data', 'raw', 'csv'), { recursive: true })
    expect((await oc.verify('csv')).findings.map(({ code }) => code)).toEqual(['snapshot.missing'])
    await expect(oc.verify('nobody')).rejects.toMatchObject({ code: 'snapshot.missing' })
  })

  it('is not needed to stop a collect from going on after a changed manifest', async () => {
    root = await makeFilled()
    const oc = new OmniCollector({ root })
    const [snapshot] = await oc.snapshots('csv')
    change(path.join(snapshot?.path ?? '', 'manifest.json'), (bytes) =>
      Buffer.from(bytes.toString().replace('"position": []', '"position":  []')),
    )
    const collect = oc.collect(scripted({ read: chunks({ rows: [{ a: 1 }] }), dataset: 'csv' }))
    await expect(collect).rejects.toMatchObject({ kind: 'data', code: 'manifest.changed' })
    expect(await oc.snapshots('csv')).toHaveLength(1)
  })

  it('never throws on rubbish', async () => {
    root = await makeFilled()
    const oc = new OmniCollector({ root })
    for (const file of filesBelow(root)) {
      const full = path.join(root, file)
      const original = readFileSync(full)
      for (const rubbish of ['', '\0', '{', '{}', 'null', '[]', '{"version":1}', '\n\n\n']) {
        change(full, () => Buffer.from(rubbish))
        const { ok } = await oc.verify()
        if (!file.includes('/lineage/')) expect(ok, `${file} as ${JSON.stringify(rubbish)}`).toBe(false)
      }
      writeFileSync(full, original)
    }
  })

  it('checks a dataset or one snapshot alone', async () => {
    root = await makeFilled()
    const oc = new OmniCollector({ root })
    const [csv] = await oc.snapshots('csv')
    appendFileSync(path.join(csv?.path ?? '', 'added'), 'x')
    expect((await oc.verify('ndjson')).findings).toEqual([])
    expect((await oc.verify('csv')).findings).toHaveLength(1)
    expect((await oc.verify(csv?.name ?? '')).findings).toHaveLength(1)
  })
})
