import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { OmniCollector } from '@omni/core'
import { file } from '@omni/source-file'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bytesOf, createFolders, filesBelow, type Ran, runProgram } from './root.ts'

// The program is killed the hard way while it collects a large file; `OMNI_CRASH_RUNS` says how often. After one run
// more there is exactly one snapshot, as if nothing had happened.

const RUNS = Number(process.env['OMNI_CRASH_RUNS'] ?? 25)
const ROWS = 300_000
const folders = createFolders()
afterAll(() => folders.remove())

let csv = ''
let digest = ''
/** From the first staging folder to the end, in milliseconds, undisturbed. */
let workMs = 0

let seed = 11
function random(): number {
  seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
  return seed / 2 ** 32
}

const isStaged = (root: string): boolean => filesBelow(root).some((path) => path.includes('.staging-'))

beforeAll(async () => {
  csv = join(folders.make('crash-input'), 'big.csv')
  const lines = Array.from(
    { length: ROWS },
    (_, i) => `${i},user${i}@example.com,"said ""${i % 100}"", and left",${(i % 1000) / 8}`,
  )
  writeFileSync(csv, `id,mail,note,price\n${lines.join('\n')}\n`)
  const snapshot = await new OmniCollector({ root: folders.make('undisturbed') }).collect(file(csv))
  expect(snapshot.rows).toBe(ROWS)
  digest = snapshot.digest
  for (let time = 0; time < 2; time++) {
    let stagedAt = 0
    const run = await killedLater(folders.make('timed'), 0, Number.POSITIVE_INFINITY, () => {
      stagedAt = performance.now()
    })
    expect(run.exitCode, run.stderr).toBe(0)
    workMs = performance.now() - stagedAt
  }
})

/** Kills `earlyMs` after the start, or `lateMs` after the first staging folder is there, whichever is not endless. */
async function killedLater(
  root: string,
  earlyMs: number,
  lateMs: number,
  onStaged: () => void = () => undefined,
): Promise<Ran> {
  let watch: NodeJS.Timeout | undefined
  try {
    return await runProgram(root, ['file', csv], (kill) => {
      if (earlyMs > 0) {
        void sleep(earlyMs).then(kill)
        return
      }
      watch = setInterval(() => {
        if (!isStaged(root)) return
        clearInterval(watch)
        onStaged()
        if (Number.isFinite(lateMs)) void sleep(lateMs).then(kill)
      }, 1)
    })
  } finally {
    clearInterval(watch)
  }
}

/** Everything that a person may rely on after a run that ended well. */
async function expectWhole(root: string, why: string): Promise<void> {
  const files = filesBelow(root)
  const snapshots = new Set(
    files.filter((path) => path.startsWith('data/raw/big/')).map((path) => path.split('/')[3]),
  )
  expect([...snapshots], `${why}: one snapshot and nothing beside it`).toHaveLength(1)
  expect([...snapshots][0]).toMatch(new RegExp(`^\\d{8}T\\d{6}\\.\\d{3}Z-${digest.slice(0, 12)}$`))
  expect(
    files.filter((path) => /staging|\.tmp|lock/i.test(path)),
    `${why}: left over`,
  ).toEqual([])
  const oc = new OmniCollector({ root })
  expect((await oc.verify()).findings, why).toEqual([])
  const snapshot = await oc.open('big')
  expect(snapshot.digest, why).toBe(digest)
  expect(snapshot.rows).toBe(ROWS)
  const lines = bytesOf(join(root, 'logs/ingest.log')).toString('utf8').trimEnd().split('\n')
  expect(
    lines.filter((line) => line.includes(digest) && line.includes('rows=')),
    `${why}: one line`,
  ).toHaveLength(1)
  const records = bytesOf(join(root, 'logs/ingest.jsonl')).toString('utf8').trimEnd().split('\n')
  expect(records.filter((line) => JSON.parse(line).event === 'snapshot')).toHaveLength(1)
  expect(records).toHaveLength(lines.length)
}

it(`${RUNS} times killed at a random moment: one whole snapshot in the end`, {
  timeout: 600_000,
}, async () => {
  const seen = { before: 0, during: 0, published: 0, ended: 0 }
  for (let done = 0; done < RUNS; ) {
    const root = folders.make('crash')
    // Up to three kills in a row, one root after the other, mostly after the work has begun.
    const kills = 1 + Math.floor(random() * 3)
    let last: Ran | undefined
    for (let k = 0; k < kills && done < RUNS; k++, done++) {
      last =
        random() < 0.15
          ? await killedLater(root, 1 + random() * 400, 0)
          : await killedLater(root, 0, random() * workMs * 1.25)
      const isPublished = filesBelow(root).some((path) => /\dZ-[0-9a-f]{12}\/manifest\.json$/.test(path))
      if (last.signal !== 'SIGKILL') seen.ended++
      else if (isPublished) seen.published++
      else if (isStaged(root)) seen.during++
      else seen.before++
      // Whatever is to be seen now is whole: a published snapshot has its digest even before recovery.
      if (isPublished) expect((await new OmniCollector({ root }).open('big')).digest).toBe(digest)
    }
    const run = await runProgram(root, ['file', csv, '--output', 'json'])
    expect(run.exitCode, run.stderr).toBe(0)
    expect(JSON.parse(run.stdout)).toMatchObject({ digest, rows: { read: ROWS, kept: ROWS, quarantined: 0 } })
    await expectWhole(root, `after ${kills} kills, the last with ${last?.signal}`)
  }
  console.log(`killed ${RUNS} times, ${Math.round(workMs)} ms of work each: ${JSON.stringify(seen)}`)
  // Otherwise nothing was proved.
  if (RUNS >= 20) expect(seen.during, 'kills in the middle of the work').toBeGreaterThan(RUNS / 4)
})

it('several at once: one collects, the others wait or say so, and there is one snapshot', async () => {
  const root = folders.make('together')
  const runs = await Promise.all([1, 2, 3].map(() => runProgram(root, ['file', csv])))
  expect(runs.some(({ exitCode }) => exitCode === 0)).toBe(true)
  for (const { exitCode } of runs) expect([0, 2]).toContain(exitCode)
  await runProgram(root, ['file', csv])
  await expectWhole(root, 'together')
})
