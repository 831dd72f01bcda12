import { constants, statfsSync } from 'node:fs'
import { access, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { isFault } from '@omni/core'
import { openEngine } from '../engine.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { printLines } from '../io.ts'
import { findSources, ownFolder, readManifest } from '../sources/declared.ts'
import { installCommand } from '../sources/install.ts'
import { printJson } from '../view/json.ts'
import { formatBytes } from '../view/numbers.ts'
import type { Invocation } from './invocation.ts'

/** One thing that was looked at. */
interface Finding {
  readonly what: string
  readonly state: 'ok' | 'warn' | 'bad'
  readonly said: string
  /** What to do about it. */
  readonly fix?: string
}

const MIN_NODE = [22, 22] as const
const LOW_DISK_BYTES = 1024 ** 3

/** `omni-collect doctor`: looks at this machine and at `--root`; exit code 2 when something must be done. */
export async function run(call: Invocation): Promise<ExitCode> {
  const { io, flags } = call
  const findings = [
    checkNode(),
    ...(flags.root.includes('://') ? await checkStore(call) : await checkRoot(resolve(io.cwd, flags.root))),
    checkSources(call),
    checkClock(io.now()),
    checkSimd(),
    checkTerminal(call),
  ]
  const isBad = findings.some((finding) => finding.state === 'bad')
  if (flags.output !== 'text') {
    const value = flags.output === 'json' ? { ok: !isBad, findings } : findings
    printJson(io.stdout, flags.output, value)
  } else {
    const { theme } = io.stdout
    const marks = { ok: theme.good('ok  '), warn: theme.warn('note'), bad: theme.bad('bad ') }
    printLines(io.stdout, [
      ...findings.flatMap(({ what, state, said, fix }) => [
        `${marks[state]}  ${what.padEnd(9)} ${said}`,
        ...(fix === undefined ? [] : [`${' '.repeat(16)}${theme.accent(fix)}`]),
      ]),
      '',
      isBad ? theme.bad('Something must be done first, see above.') : theme.good('Ready.'),
    ])
  }
  return isBad ? EXIT.fixable : EXIT.done
}

function checkNode(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const isNew = major > MIN_NODE[0] || (major === MIN_NODE[0] && minor >= MIN_NODE[1])
  const own = readManifest(join(ownFolder(), 'package.json'))
  const said = `Node ${process.versions.node}, omni-collect ${String(own?.version ?? '?')}`
  if (isNew) return { what: 'node', state: 'ok', said }
  return {
    what: 'node',
    state: 'bad',
    said,
    fix: `Install Node ${MIN_NODE.join('.')} or newer (24 is best).`,
  }
}

async function checkRoot(root: string): Promise<Finding[]> {
  const existing = await nearestFolder(root)
  const said = existing === root ? root : `${root} (made when first needed)`
  try {
    await access(existing, constants.W_OK)
  } catch {
    const fix = 'Change its permissions, or choose another with --root.'
    return [{ what: 'root', state: 'bad', said: `${said} may not be written`, fix }]
  }
  const trial = join(existing, `.omni-doctor-${process.pid}`)
  try {
    await mkdir(trial)
    return [{ what: 'root', state: 'ok', said }, await checkDurability(trial), checkDisk(existing)]
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
    const fix = 'Choose another folder with --root.'
    return [{ what: 'root', state: 'bad', said: `${said} cannot be written (${code})`, fix }]
  } finally {
    await rm(trial, { recursive: true, force: true })
  }
}

/** What a commit stands on in an object store: a put that does not overwrite, and a copy. */
async function checkStore(call: Invocation): Promise<Finding[]> {
  const { root } = call.flags
  try {
    const engine = await openEngine(call)
    const notes = await engine.probe()
    return [
      { what: 'root', state: 'ok', said: root },
      { what: 'commit', state: 'ok', said: 'put if absent, and copy, work' },
      ...notes.map((said): Finding => ({ what: 'store', state: 'ok', said })),
    ]
  } catch (error) {
    if (!isFault(error)) throw error
    return [{ what: 'root', state: 'bad', said: `${root}: ${error.why}`, fix: error.fix }]
  }
}

/** What a commit stands on: fsync of a file, rename of a folder, fsync of the folder above. */
async function checkDurability(trial: string): Promise<Finding> {
  try {
    const staging = join(trial, 'staging')
    await mkdir(staging)
    const file = await open(join(staging, 'part'), 'wx')
    await file.writeFile('x')
    await file.sync()
    await file.close()
    await rename(staging, join(trial, 'snapshot'))
    const folder = await open(trial, 'r')
    await folder.sync()
    await folder.close()
    const text = await readFile(join(trial, 'snapshot', 'part'), 'utf8')
    if (text === 'x') return { what: 'commit', state: 'ok', said: 'fsync, and rename of a folder, work' }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
    const fix = 'Use a local disk for --root; some network and cloud folders cannot do this.'
    return { what: 'commit', state: 'bad', said: `fsync or rename of a folder fails (${code})`, fix }
  }
  const fix = 'Use a local disk for --root.'
  return { what: 'commit', state: 'bad', said: 'a renamed file does not hold what was written', fix }
}

function checkDisk(folder: string): Finding {
  const { bavail, bsize } = statfsSync(folder)
  const free = bavail * bsize
  const said = `${formatBytes(free)} free`
  if (free >= LOW_DISK_BYTES) return { what: 'disk', state: 'ok', said }
  return {
    what: 'disk',
    state: 'warn',
    said,
    fix: 'Free some space: a collect that fills the disk leaves no snapshot.',
  }
}

async function nearestFolder(path: string): Promise<string> {
  for (let folder = path; ; folder = dirname(folder)) {
    const found = await stat(folder).catch(() => undefined)
    if (found !== undefined || folder === dirname(folder)) return folder
  }
}

function checkSources({ io }: Invocation): Finding {
  const { sources } = findSources(io.cwd)
  if (sources.length === 0) {
    const fix = installCommand('@omni/source-file', io.cwd)
    return { what: 'sources', state: 'bad', said: 'none is installed', fix }
  }
  const said = sources.map((source) => `${source.name} ${source.version}`).join(', ')
  return { what: 'sources', state: 'ok', said }
}

function checkClock(nowMs: number): Finding {
  const said = `${new Date(nowMs).toISOString().slice(0, 19)}Z`
  // Snapshot names begin with the time: a clock before this program was written would sort them wrong.
  if (nowMs > Date.UTC(2025, 0, 1)) return { what: 'clock', state: 'ok', said }
  return { what: 'clock', state: 'bad', said, fix: 'Set the clock: snapshots are named by the time.' }
}

function checkSimd(): Finding {
  // (module (func (drop (v128.const …)))): valid only where WebAssembly has SIMD.
  const probe = new Uint8Array([
    0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 23, 1, 21, 0, 253, 12, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 26, 11,
  ])
  const { WebAssembly: wasm } = globalThis as { WebAssembly?: { validate(bytes: Uint8Array): boolean } }
  if (wasm?.validate(probe)) return { what: 'simd', state: 'ok', said: 'WebAssembly SIMD is there' }
  return { what: 'simd', state: 'warn', said: 'no WebAssembly SIMD: slower, same results' }
}

function checkTerminal({ io }: Invocation): Finding {
  const { isTerminal, columns } = io.stderr
  const said = isTerminal ? `${columns} columns` : 'not a terminal: one line an event'
  return { what: 'terminal', state: 'ok', said }
}
