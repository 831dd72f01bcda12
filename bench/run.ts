// Peers side by side on the same file, interleaved, each run a process of its own. Prints medians, ratios and
// peak memory as they are; `--write` keeps them in RESULTS.md.
// node bench/run.ts [--megabytes 500] [--rounds 3] [--write]
import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { generateCsv } from './generate.ts'
import { LANES } from './lanes.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
const { values } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '500' },
    rounds: { type: 'string', default: '3' },
    lanes: { type: 'string', default: Object.keys(LANES).join('|') },
    write: { type: 'boolean', default: false },
  },
})

interface Run {
  readonly rows: number
  readonly wallMs: number
  readonly cpuMs: number
  readonly peakMb: number
}

const file = join(here, '.data', `customers-${values.megabytes}.csv`)
if (!existsSync(file)) generateCsv(file, Number(values.megabytes) * 1_000_000)
const lanes = values.lanes.split('|')
const runs = new Map<string, Run[]>(lanes.map((lane) => [lane, []]))
for (let round = 0; round < Number(values.rounds); round++) {
  for (const lane of lanes) {
    const run = runLane(lane)
    runs.get(lane)?.push(run)
    console.error(
      `${round + 1}/${values.rounds}  ${lane}: ${(run.wallMs / 1000).toFixed(2)} s, ${run.peakMb.toFixed(0)} MB`,
    )
  }
}

const report = table()
console.log(report)
if (values.write) appendFileSync(join(here, 'RESULTS.md'), `\n${report}\n`)

function runLane(lane: string): Run {
  const out = join(here, '.data', 'out')
  rmSync(out, { recursive: true, force: true })
  mkdirSync(out, { recursive: true })
  const printed = execFileSync(process.execPath, [join(here, 'lanes.ts'), lane, file, out], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  rmSync(out, { recursive: true, force: true })
  return JSON.parse(printed.trim().split('\n').at(-1) ?? '') as Run
}

function table(): string {
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
    `## ${new Date().toISOString().slice(0, 10)}, ${(size / 1e6).toFixed(0)} MB CSV, ${[...counts].join(' or ')} rows`,
    '',
    `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), Node ${process.version}, ${values.rounds} interleaved rounds, medians.`,
    '',
    '| lane | wall s | CPU s | peak MB | MB/s | times ours |',
    '|---|---|---|---|---|---|',
    ...lines,
  ].join('\n')
}
