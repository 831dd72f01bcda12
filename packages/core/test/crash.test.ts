import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { OmniCollector } from '../src/omni-collector.ts'
import { STEP_NAMES } from '../src/steps.ts'
import { acknowledged, collectorOf, grow, type WorldName } from './sources.ts'

// `OMNI_CRASH_RUNS=500` for the full count.
const RUNS = Number(process.env['OMNI_CRASH_RUNS'] ?? 60)
const CHILD = fileURLToPath(new URL('./crash-child.ts', import.meta.url))
const CHUNK = 100
const roots: string[] = []

afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true })
})

function makeRoot(): string {
  const root = mkdtempSync(path.join(tmpdir(), 'omni-crash-'))
  roots.push(root)
  mkdirSync(path.join(root, 'world'))
  return root
}

function startChild(root: string, world: WorldName, killAt: number, chunkRows = CHUNK): ChildProcess {
  const args = [
    '--disable-warning=ExperimentalWarning',
    CHILD,
    root,
    world,
    String(killAt),
    String(chunkRows),
  ]
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] })
}

async function endOf(
  child: ChildProcess,
): Promise<{ readonly signal: string | null; readonly output: string }> {
  let output = ''
  child.stdout?.on('data', (piece: Buffer) => {
    output += piece.toString()
  })
  return await new Promise((resolve) => child.once('close', (_code, signal) => resolve({ signal, output })))
}

function collectHere(root: string, world: WorldName, chunkRows = CHUNK) {
  return new OmniCollector({ root }).collect(collectorOf(world, path.join(root, 'world'), chunkRows))
}

/** Every record exactly once, whole snapshots only, both logs whole, nothing left over. */
async function expectWhole(root: string, total: number): Promise<void> {
  const oc = new OmniCollector({ root })
  expect((await oc.verify()).findings).toEqual([])
  const seen: number[] = []
  const snapshots = await oc.snapshots('records')
  for (const { name } of snapshots) {
    const snapshot = await oc.open(`records/${name}`)
    for (const row of await snapshot.rowsAsObjects()) seen.push(Number(row['id']))
  }
  expect(seen).toEqual(Array.from({ length: total }, (_, i) => i))
  const lines = readFileSync(path.join(root, 'logs', 'ingest.log'), 'utf8')
    .split('\n')
    .filter(Boolean)
  expect(lines.filter((line) => line.includes('| rows=')).length).toBe(snapshots.length)
  const names = new Set(snapshots.map(({ name }) => name))
  const left = readdirSync(path.join(root, 'data', 'raw', 'records')).filter((name) => !names.has(name))
  expect(left).toEqual([])
  expect(readdirSync(path.join(root, 'logs')).filter((name) => name.startsWith('.'))).toEqual(['.head'])
}

async function countSteps(world: WorldName, before: number, after: number): Promise<string[]> {
  const root = makeRoot()
  if (before > 0) {
    grow(path.join(root, 'world'), before)
    await collectHere(root, world)
  }
  grow(path.join(root, 'world'), after)
  const { output } = await endOf(startChild(root, world, 0))
  return JSON.parse(output.split('\n')[1] ?? '[]') as string[]
}

describe.each(['log', 'queue'] as const)('a %s', (world) => {
  it('loses and doubles nothing when killed at any numbered step', { timeout: 600_000 }, async () => {
    const steps = await countSteps(world, 150, 250)
    expect(new Set(steps)).toEqual(new Set(STEP_NAMES))
    for (let killAt = 1; killAt <= steps.length; killAt++) {
      const root = makeRoot()
      const folder = path.join(root, 'world')
      grow(folder, 150)
      await collectHere(root, world)
      grow(folder, 250)
      const { signal } = await endOf(startChild(root, world, killAt))
      expect(signal).toBe('SIGKILL')
      grow(folder, 330)
      await collectHere(root, world)
      await expectWhole(root, 330)
      if (world === 'queue') expect(acknowledged(folder)).toBe(330)
    }
  })

  it('makes its first snapshot whole after a kill at any step of the first run', {
    timeout: 600_000,
  }, async () => {
    const steps = await countSteps(world, 0, 120)
    for (let killAt = 1; killAt <= steps.length; killAt += 2) {
      const root = makeRoot()
      grow(path.join(root, 'world'), 120)
      expect((await endOf(startChild(root, world, killAt))).signal).toBe('SIGKILL')
      const snapshot = await collectHere(root, world)
      expect(snapshot.counts.kept).toBe(120)
      await expectWhole(root, 120)
    }
  })

  it(`loses and doubles nothing when killed at ${RUNS / 2} random moments`, {
    timeout: 6_000_000,
  }, async () => {
    const root = makeRoot()
    const folder = path.join(root, 'world')
    let total = 0
    let killed = 0
    for (let run = 0; run < RUNS / 2; run++) {
      total += 1 + Math.floor(Math.random() * 2_000)
      grow(folder, total)
      const child = startChild(root, world, 0, 500)
      const end = endOf(child)
      await new Promise((resolve) => child.stdout?.once('data', resolve))
      await sleep(Math.random() * 60)
      child.kill('SIGKILL')
      if ((await end).signal === 'SIGKILL') killed++
      if (run % 10 === 9) {
        await collectHere(root, world, 500)
        await expectWhole(root, total)
      }
    }
    await collectHere(root, world, 500)
    await expectWhole(root, total)
    expect(killed).toBeGreaterThan(0)
  })
})

describe('a log', () => {
  const world = 'log'

  it('loses nothing when a run without news is killed at any step', { timeout: 600_000 }, async () => {
    const steps = await countSteps(world, 90, 90)
    expect(steps).toContain('line-appended')
    expect(steps).not.toContain('renamed')
    const root = makeRoot()
    const folder = path.join(root, 'world')
    for (let killAt = 1; killAt <= steps.length; killAt++) {
      grow(folder, killAt * 10)
      await collectHere(root, world)
      expect((await endOf(startChild(root, world, killAt))).signal).toBe('SIGKILL')
    }
    expect((await collectHere(root, world)).unchanged).toBe(true)
    await expectWhole(root, steps.length * 10)
  })

  it('stays whole when several processes find the lock of a dead one at once', {
    timeout: 600_000,
  }, async () => {
    const root = makeRoot()
    const folder = path.join(root, 'world')
    for (let round = 1; round <= 3; round++) {
      grow(folder, round * 300)
      expect((await endOf(startChild(root, world, 2))).signal).toBe('SIGKILL')
      await Promise.all([0, 0, 0, 0].map((killAt) => endOf(startChild(root, world, killAt))))
    }
    await collectHere(root, world)
    await expectWhole(root, 900)
  })
})
