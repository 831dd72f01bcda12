import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { openLedger } from './ledger.ts'
import { type AuditEvent, parseRecord, readableLine } from './record.ts'
import { linesBackwards, readTail } from './tail.ts'

const event = (n: number): AuditEvent => ({
  event: 'snapshot',
  time: '2025-05-30T23:14:09.000Z',
  label: 'flat:events.parquet',
  dataset: 'events',
  snapshot: `20250530T231409.${String(n).padStart(3, '0')}Z-abababababab`,
  digest: 'ab'.repeat(32),
  manifest: 'cd'.repeat(32),
  counts: { read: 1, kept: 1_234_567, quarantined: 0, filtered: 0 },
  run: 'r',
})

describe('the ledger', () => {
  let root = ''
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'omni-ledger-'))
    onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  })
  const open = () => openLedger(root, Date.now)
  const file = (name: string): string => path.join(root, 'logs', name)
  const text = (name: string): string => readFileSync(file(name), 'utf8')

  it('writes the readable line in its published form', async () => {
    const { record } = await open().append(event(1))
    expect(text('ingest.log')).toBe(
      `2025-05-30T23:14:09 | INFO | flat:events.parquet  | rows=1 234 567 | sha256=${'ab'.repeat(32)} | chain=${record.hash}\n`,
    )
    expect(readableLine({ ...record, label: 'a|b\nc' })).toContain('| a b c ')
    expect(existsSync(file('.lock'))).toBe(false)
  })

  it('goes on after half a record of a crash, and says so in the next', async () => {
    await open().append(event(1))
    await open().append(event(2))
    appendFileSync(file('ingest.jsonl'), '{"half')
    appendFileSync(file('ingest.log'), '2025-')
    const { record, repaired } = await open().append(event(3))
    expect(record.seq).toBe(3)
    expect(repaired).toMatch(/ingest\.jsonl .*6 bytes.*ingest\.log .*5 bytes/s)
    expect(record.repaired).toBe(repaired)
    expect(text('ingest.jsonl').trimEnd().split('\n')).toHaveLength(3)
    expect(text('ingest.log').trimEnd().split('\n')).toHaveLength(3)
  })

  it('adds the readable line that a crash left out', async () => {
    const { record } = await open().append(event(1))
    await open().append(event(2))
    truncateSync(file('ingest.log'), readableLine(record).length)
    await open().append(event(3))
    const records = text('ingest.jsonl').trimEnd().split('\n').map(parseRecord)
    expect(text('ingest.log')).toBe(records.map((one) => (one ? readableLine(one) : '')).join(''))
  })

  it('refuses to go on when records are gone or others', async () => {
    const { record } = await open().append(event(1))
    await open().append(event(2))
    const whole = text('ingest.jsonl')
    const first = whole.split('\n')[0] ?? ''
    for (const [content, what] of [
      [`${first}\n`, 'has 1 records'],
      ['', 'has 0 records'],
      [`${whole}not a record\n`, 'is not a record'],
      [whole.slice(0, -3), 'has 1 records'],
      [
        whole
          .replaceAll(record.hash, 'ef'.repeat(32))
          .replace(/"hash":"[0-9a-f]{64}"(?=.*\n$)/, `"hash":"${'0'.repeat(64)}"`),
        'is not the one',
      ],
    ] as const) {
      writeFileSync(file('ingest.jsonl'), content)
      await expect(open().check(), what).rejects.toMatchObject({ code: 'audit.damaged' })
      await expect(open().append(event(3))).rejects.toThrow(what)
      expect(text('ingest.jsonl')).toBe(content)
    }
  })

  it('finds the newest record of a snapshot, from the end', async () => {
    for (let n = 1; n <= 3; n++) await open().append(event(n))
    expect((await open().find('events', event(2).snapshot))?.seq).toBe(2)
    expect(await open().find('other', event(2).snapshot)).toBeUndefined()
    expect(await openLedger(path.join(root, 'nowhere'), Date.now).find('events', 'x')).toBeUndefined()
  })
})

describe('the end of a file of lines', () => {
  it('is read right across the pieces in which it is read', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'omni-tail-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const name = path.join(folder, 'lines')
    for (const size of [0, 1, 65_535, 65_536, 65_537, 200_000]) {
      const lines = ['first', 'ü'.repeat(size), 'z', '', 'x'.repeat(size)]
      writeFileSync(name, `${lines.join('\n')}\n`)
      expect(await Array.fromAsync(linesBackwards(name))).toEqual(lines.toReversed())
      expect((await readTail(name)).last).toBe(lines.at(-1))
      appendFileSync(name, 'torn')
      expect((await readTail(name)).torn).toBe(4)
      expect((await readTail(name)).last).toBe(lines.at(-1))
      expect(await Array.fromAsync(linesBackwards(name))).toEqual(lines.toReversed())
    }
  })
})
