// Peers side by side on the same file, interleaved, each run a process of its own. Prints medians, ratios and
// peak memory as they are; `--write` keeps them in RESULTS.md.
// node bench/run.ts [--cases csv,ndjson] [--megabytes 500] [--rounds 3] [--write]
import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { CASES, type Case } from './cases/index.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
const { values } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '500' },
    rounds: { type: 'string', default: '3' },
    cases: { type: 'string', default: Object.keys(CASES).join(',') },
    write: { type: 'boolean', default: false },
  },
})

interface Run {
  readonly rows: number
  readonly wallMs: number
  readonly cpuMs: number
  readonly peakMb: number
}

for (const kind of values.cases.split(',')) {
  const one = CASES[kind]
  if (one === undefined) throw new TypeError(`no case ${kind}; there are ${Object.keys(CASES).join(', ')}`)
  const report = await measure(kind, one)
  console.log(`${report}\n`)
  if (values.write) appendFileSync(join(here, 'RESULTS.md'), `\n${report}\n`)
}

async function measure(kind: string, one: Case): Promise<string> {
  const file = join(here, '.data', `${kind}-${values.megabytes}${one.suffix}`)
  mkdirSync(join(here, '.data'), { recursive: true })
  if (!existsSync(file) && (await one.generate(file, Number(values.megabytes) * 1_000_000)) === undefined) {
    return `## ${one.title}: skipped, its file cannot be made here`
  }
  const runs = new Map<string, Run[]>(one.lanes.map((lane) => [lane, []]))
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const lane of one.lanes) {
      const run = runLane(kind, lane, file)
      runs.get(lane)?.push(run)
      const facts = `${(run.wallMs / 1000).toFixed(2)} s, ${run.peakMb.toFixed(0)} MB`
      console.error(`${kind} ${round + 1}/${values.rounds}  ${lane}: ${facts}`)
    }
  }
  return table(one, file, runs)
}

function runLane(kind: string, lane: string, file: string): Run {
  const out = join(here, '.data', 'out')
  rmSync(out, { recursive: true, force: true })
  mkdirSync(out, { recursive: true })
  const printed = execFileSync(process.execPath, [join(here, 'lanes.ts'), kind, lane, file, out], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  rmSync(out, { recursive: true, force: true })
  return JSON.parse(printed.trim().split('\n').at(-1) ?? '') as Run
}

function table(one: Case, file: string, runs: ReadonlyMap<string, readonly Run[]>): string {
  const { lanes } = one
  const median = (list: readonly number[]): number =>
    [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN
  const of = (lane: string, key: keyof Run): number => median((runs.get(lane) ?? []).map((run) => run[key]))
  const ours = of('omni', 'wallMs')
  const size = statSync(file).size
  const lines = lanes.map((lane) => {
    const wall = of(lane, 'wallMs')
    const cells = [
      lane,
      (wall / 1000).toFixed(2),
      (of(lane, 'cpuMs') / 1000).toFixed(2),
      of(lane, 'peakMb').toFixed(0),
      (size / wall / 1000).toFixed(0),
      (wall / ours).toFixed(2),
    ]
    return `| ${cells.join(' | ')} |`
  })
  const counts = new Set(lanes.map((lane) => of(lane, 'rows')))
  return [
    `## ${new Date().toISOString().slice(0, 10)}, ${(size / 1e6).toFixed(0)} MB, ${one.title}, ${[...counts].join(' or ')} rows`,
    '',
    `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), Node ${process.version}, ${values.rounds} interleaved rounds, medians.`,
    '',
    '| lane | wall s | CPU s | peak MB | MB/s | times ours |',
    '|---|---|---|---|---|---|',
    ...lines,
  ].join('\n')
}
