import { chmodSync, cpSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Finding, OmniCollector } from '@omni/core'
import { file } from '@omni/source-file'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bytesOf, createFolders, filesBelow, runProgram } from './root.ts'

// Somebody changes what was written, in every way that comes to mind; verify must name the very file.

const folders = createFolders()
afterAll(() => folders.remove())
let pristine = ''

beforeAll(async () => {
  pristine = folders.make('pristine')
  const inputs = folders.make('inputs')
  const oc = new OmniCollector({ root: pristine })
  const rows = (n: number, from = 0) =>
    Array.from({ length: n }, (_, i) => ({ id: from + i, name: `name ${i}` }))
  const text = (n: number, from = 0) =>
    rows(n, from)
      .map((row) => JSON.stringify(row))
      .join('\n')
  for (const format of ['parquet', 'csv', 'ndjson'] as const) {
    for (const from of [0, 500]) {
      writeFileSync(join(inputs, `${format}.ndjson`), `${text(300, from)}\n{"broken":\n${text(300, from)}\n`)
      await oc.collect(file(join(inputs, `${format}.ndjson`)), { format, full: true })
    }
  }
  expect(await oc.verify()).toMatchObject({ ok: true, snapshots: 6, findings: [] })
})

/** A copy to destroy. */
function copy(): string {
  const root = folders.make('tamper')
  cpSync(pristine, root, { recursive: true })
  return root
}

const verify = async (root: string): Promise<readonly Finding[]> => {
  const { ok, findings } = await new OmniCollector({ root }).verify()
  expect(ok).toBe(findings.length === 0)
  return findings
}

const names = (findings: readonly Finding[], path: string): boolean =>
  findings.some(({ where }) => where === path || where.startsWith(`${path}:`) || where === `${path}/`)

function write(path: string, bytes: Uint8Array | string): void {
  chmodSync(path, 0o644)
  writeFileSync(path, bytes)
}

let seed = 7
function random(below: number): number {
  seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
  return Math.floor((seed / 2 ** 32) * below)
}

const snapshotsOf = (root: string, dataset: string): string[] =>
  readdirSync(join(root, 'data/raw', dataset))
    .filter((name) => /^\d{8}T/.test(name))
    .sort()
    .map((name) => `data/raw/${dataset}/${name}`)

it('an untouched copy verifies', async () => {
  const root = copy()
  expect(await verify(root)).toEqual([])
  const run = await runProgram(root, ['verify'])
  expect(run.exitCode).toBe(0)
})

describe('one flipped bit', () => {
  const FLIPS = 20
  for (const [kind, pattern] of [
    ['a Parquet part', /part-\d+\.parquet$/],
    ['a CSV part', /part-\d+\.csv$/],
    ['an NDJSON part', /part-\d+\.ndjson$/],
    ['a manifest', /manifest\.json$/],
    ['a quarantine', /quarantine\.ndjson$/],
    ['the readable log', /ingest\.log$/],
    ['the records', /ingest\.jsonl$/],
    ['the head of the log', /logs\/\.head$/],
  ] as const) {
    it(`of ${kind} is named, wherever it is`, async () => {
      const root = copy()
      const paths = filesBelow(root).filter((path) => pattern.test(path))
      expect(paths.length).toBeGreaterThan(0)
      for (let flip = 0; flip < FLIPS; flip++) {
        const path = paths[random(paths.length)]!
        const bytes = bytesOf(join(root, path))
        // The first and the last byte too.
        const at = flip === 0 ? 0 : flip === 1 ? bytes.length - 1 : random(bytes.length)
        const bit = 1 << random(8)
        bytes[at]! ^= bit
        write(join(root, path), bytes)
        const findings = await verify(root)
        expect(
          names(findings, path),
          `bit ${bit} of byte ${at} of ${path}: ${JSON.stringify(findings)}`,
        ).toBe(true)
        bytes[at]! ^= bit
        write(join(root, path), bytes)
      }
      expect(await verify(root), 'all put back').toEqual([])
    })
  }

  it('makes the program end with 2 and say which file', async () => {
    for (const pattern of [
      /part-00000\.parquet$/,
      /quarantine\.ndjson$/,
      /manifest\.json$/,
      /ingest\.log$/,
    ]) {
      const root = copy()
      const path = filesBelow(root).find((one) => pattern.test(one))!
      const bytes = bytesOf(join(root, path))
      bytes[bytes.length >> 1]! ^= 1
      write(join(root, path), bytes)
      const run = await runProgram(root, ['verify'])
      expect(run.exitCode, path).toBe(2)
      expect(run.stdout + run.stderr).toContain(path)
      const json = await runProgram(root, ['verify', '--output', 'json'])
      expect(json.exitCode).toBe(2)
      const report = JSON.parse(json.stdout) as { ok: boolean; findings: Finding[] }
      expect(report.ok).toBe(false)
      expect(names(report.findings, path), json.stdout).toBe(true)
    }
  })
})

describe.each(['logs/ingest.log', 'logs/ingest.jsonl'])('%s', (log) => {
  const edits: Record<string, (lines: string[]) => string[]> = {
    'a line dropped at the start': (lines) => lines.slice(1),
    'a line dropped in the middle': (lines) => lines.toSpliced(2, 1),
    'a line dropped at the end': (lines) => lines.slice(0, -1),
    'all lines dropped': () => [],
    'two lines swapped': (lines) => [lines[1]!, lines[0]!, ...lines.slice(2)],
    'the last two swapped': (lines) => [...lines.slice(0, -2), lines.at(-1)!, lines.at(-2)!],
    'a line repeated': (lines) => lines.toSpliced(3, 0, lines[3]!),
    'the last line repeated': (lines) => [...lines, lines.at(-1)!],
    'an empty line added': (lines) => [...lines, ''],
    'a line of one’s own added': (lines) => [...lines, '{"hello":"world"}'],
    'a number changed': (lines) => lines.with(2, lines[2]!.replace(/600|\b\d{3}\b/, '601')),
    'a year changed': (lines) => lines.with(1, lines[1]!.replace(/20\d\d/, '1999')),
    'a label changed': (lines) => lines.with(4, lines[4]!.replace('flat:', 'flaf:')),
    'a digest changed': (lines) =>
      lines.with(0, lines[0]!.replace(/[0-9a-f]{63}(?=[0-9a-f])/, '0'.repeat(63))),
    'a space added': (lines) => lines.with(5, `${lines[5]!} `),
    'a carriage return added': (lines) => lines.with(5, `${lines[5]!}\r`),
  }
  for (const [what, edit] of Object.entries(edits)) {
    it(`${what} is named`, async () => {
      const root = copy()
      const before = bytesOf(join(root, log)).toString('utf8')
      const lines = before.trimEnd().split('\n')
      const after = edit([...lines])
        .map((line) => `${line}\n`)
        .join('')
      expect(after).not.toBe(before)
      write(join(root, log), after)
      expect(names(await verify(root), log), JSON.stringify(await verify(root))).toBe(true)
    })
  }

  it('cut off anywhere, or gone, is named', async () => {
    const root = copy()
    const before = bytesOf(join(root, log))
    for (let cut = 1; cut < before.length; cut += 1 + random(before.length / 20)) {
      write(join(root, log), before.subarray(0, before.length - cut))
      expect(names(await verify(root), log), `${cut} bytes short`).toBe(true)
    }
    rmSync(join(root, log))
    expect(names(await verify(root), log)).toBe(true)
  })
})

describe('both logs together', () => {
  it.each([1, 2, 5])('the last %i lines cut off both are missed', async (count) => {
    const root = copy()
    for (const log of ['logs/ingest.log', 'logs/ingest.jsonl']) {
      const lines = bytesOf(join(root, log)).toString('utf8').trimEnd().split('\n')
      write(
        join(root, log),
        lines
          .slice(0, -count)
          .map((line) => `${line}\n`)
          .join(''),
      )
    }
    const findings = await verify(root)
    expect(names(findings, 'logs/ingest.jsonl')).toBe(true)
    // And the snapshots that were logged there have lost their line.
    expect(findings.filter(({ code }) => code === 'snapshot.unlogged')).toHaveLength(count)
  })

  it('all logs gone: every snapshot is named', async () => {
    const root = copy()
    rmSync(join(root, 'logs'), { recursive: true })
    const findings = await verify(root)
    for (const dataset of ['parquet', 'csv', 'ndjson']) {
      for (const path of snapshotsOf(root, dataset)) expect(names(findings, path), path).toBe(true)
    }
  })
})

describe('snapshots', () => {
  const DATASETS = ['parquet', 'csv', 'ndjson']

  it.each(DATASETS)('one of %s that is gone is named', async (dataset) => {
    for (const which of [0, 1]) {
      const root = copy()
      const path = snapshotsOf(root, dataset)[which]!
      rmSync(join(root, path), { recursive: true })
      expect(names(await verify(root), path)).toBe(true)
      expect((await runProgram(root, ['verify'])).exitCode).toBe(2)
    }
  })

  it.each(DATASETS)('two of %s with their parts swapped are both named', async (dataset) => {
    const root = copy()
    const [one, two] = snapshotsOf(root, dataset)
    const part = filesBelow(join(root, one!)).find((path) => path.startsWith('part-'))!
    const [first, second] = [join(root, one!, part), join(root, two!, part)]
    renameSync(first, `${first}.x`)
    renameSync(second, first)
    renameSync(`${first}.x`, second)
    const findings = await verify(root)
    for (const path of [one, two]) expect(names(findings, `${path}/${part}`), path).toBe(true)
  })

  it('two swapped whole, folder for folder, are named', async () => {
    const root = copy()
    const [one, two] = snapshotsOf(root, 'csv') as [string, string]
    renameSync(join(root, one), join(root, 'x'))
    renameSync(join(root, two), join(root, one))
    renameSync(join(root, 'x'), join(root, two))
    const findings = await verify(root)
    for (const path of [one, two])
      expect(
        findings.some(({ where }) => where.startsWith(path)),
        path,
      ).toBe(true)
  })

  it('one moved to another dataset, or copied, is named', async () => {
    const moved = copy()
    const [from] = snapshotsOf(moved, 'csv') as [string]
    const to = from.replace('/csv/', '/ndjson/')
    renameSync(join(moved, from), join(moved, to))
    const findings = await verify(moved)
    expect(names(findings, from)).toBe(true)
    expect(findings.some(({ where }) => where.startsWith(to))).toBe(true)

    const copied = copy()
    mkdirSync(join(copied, 'data/raw/mine'))
    cpSync(join(copied, from), join(copied, from.replace('/csv/', '/mine/')), { recursive: true })
    expect(names(await verify(copied), from.replace('/csv/', '/mine/'))).toBe(true)
  })

  it('a file that does not belong there is named', async () => {
    for (const stray of ['part-00001.parquet', 'notes.txt', '.hidden', 'deep/er/x', 'manifest.json.bak']) {
      const root = copy()
      const [path] = snapshotsOf(root, 'parquet')
      mkdirSync(dirname(join(root, path!, stray)), { recursive: true })
      writeFileSync(join(root, path!, stray), 'x')
      expect(names(await verify(root), `${path}/${stray}`), stray).toBe(true)
    }
  })

  it('a file that is missing, empty, longer or shorter is named', async () => {
    for (const pattern of [/part-00000\.\w+$/, /quarantine\.ndjson$/, /manifest\.json$/]) {
      for (const change of ['missing', 'empty', 'longer', 'shorter']) {
        const root = copy()
        const path = filesBelow(root).filter((one) => pattern.test(one))[random(3)]!
        const bytes = bytesOf(join(root, path))
        if (change === 'missing') rmSync(join(root, path))
        else if (change === 'empty') write(join(root, path), '')
        else if (change === 'longer') write(join(root, path), Buffer.concat([bytes, Buffer.from('\n')]))
        else write(join(root, path), bytes.subarray(0, -1))
        expect(names(await verify(root), path), `${path} ${change}`).toBe(true)
      }
    }
  })
})
