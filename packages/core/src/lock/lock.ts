import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { link, open, readFile, rename, unlink, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fault } from '@omni/spec'
import { isMissing, listNames, makeFolder, unlinkIfThere } from '../snapshot/disk.ts'

/** A held lock. */
export interface Lock {
  /** Set when the lock of a dead process was taken over: what to tell the person. */
  readonly takenOver?: string
  /** Makes sure that it is still held; else the fault `lock.lost`. */
  check(): Promise<void>
  release(): Promise<void>
}

export interface LockOptions {
  /** The lock's file; its folder is made where it is missing. */
  readonly file: string
  /** What is locked, for the message: `dataset "users"`. */
  readonly what: string
  readonly nowMs: number
  /** Wait at most this long for a live holder. Default 0: fail at once. */
  readonly waitMs?: number
  readonly signal?: AbortSignal
}

/** Who holds a lock. */
export interface Holder {
  readonly pid: number
  readonly host: string
  /** When the process began, in the kernel's own ticks: tells a process from a later one with its pid. */
  readonly born: string | null
  readonly started: string
  readonly token: string
}

/**
 * Takes an advisory lock: a file with its holder, created by hard link so that it appears whole. The lock of a
 * process on this host that is gone is taken over. Fails with the fault `lock.held`.
 */
export async function takeLock(options: LockOptions): Promise<Lock> {
  const holder = ownHolder(options.nowMs)
  const { token } = holder
  const content = `${JSON.stringify(holder)}\n`
  const deadline = performance.now() + (options.waitMs ?? 0)
  let takenOver: string | undefined
  for (let pauseMs = 2; ; pauseMs = Math.min(pauseMs * 2, 100)) {
    if (await createWhole(options.file, content, token)) break
    const other = await readHolder(options.file)
    if (other === undefined) continue
    if (isStale(other)) {
      if (await removeStale(options.file, other, token)) takenOver = staleText(options.what, other)
      continue
    }
    if (performance.now() >= deadline || options.signal?.aborted) throw heldFault(options.what, other)
    await sleep(pauseMs)
  }
  await removeDrafts(options.file)
  return {
    ...(takenOver === undefined ? {} : { takenOver }),
    // Nobody takes over the file of a live process of this host.
    check: async () => undefined,
    async release() {
      if ((await readHolder(options.file))?.token === token) await unlinkIfThere(options.file)
    },
  }
}

/** This process as a holder. */
export function ownHolder(nowMs: number): Holder {
  return {
    pid: process.pid,
    host: hostname(),
    born: bornOf(process.pid),
    started: new Date(nowMs).toISOString(),
    token: randomUUID(),
  }
}

async function createWhole(file: string, content: string, token: string): Promise<boolean> {
  const draft = `${file}.${token}`
  await makeFolder(path.dirname(file))
  try {
    await writeFile(draft, content, { flag: 'wx' })
    await link(draft, file)
    return true
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    // ENOENT: the holder before us removed the folder as empty, or our draft as a leftover; try again.
    if (code === 'EEXIST' || code === 'ENOENT') return false
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS' && code !== 'EMLINK') throw error
    return await createPlain(file, content)
  } finally {
    await unlinkIfThere(draft)
  }
}

/** Drafts of processes that were killed while they took the lock. */
async function removeDrafts(file: string): Promise<void> {
  const folder = path.dirname(file)
  for (const name of await listNames(folder)) {
    if (name.startsWith(`${path.basename(file)}.`)) await unlinkIfThere(path.join(folder, name))
  }
}

/** For file systems without hard links (FAT, some network shares). */
async function createPlain(file: string, content: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx')
    try {
      await handle.writeFile(content)
    } finally {
      await handle.close()
    }
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** The holder; undefined when the file is gone; a holder without a pid when it is unreadable. */
async function readHolder(file: string): Promise<Holder | undefined> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
  try {
    const holder = JSON.parse(text) as Holder
    if (Number.isInteger(holder.pid) && typeof holder.host === 'string') return holder
  } catch {
    // Falls through: a lock that says nothing was torn by a crash.
  }
  return { pid: 0, host: hostname(), born: null, started: '', token: text }
}

/** True for a process of this host that is gone. */
export function isStale(holder: Holder): boolean {
  if (holder.host !== hostname()) return false
  if (holder.pid === 0) return true
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
  const born = bornOf(holder.pid)
  return born !== null && holder.born !== null && born !== holder.born
}

/** Start time of a process in clock ticks since boot: field 22 of proc(5) `/proc/<pid>/stat`. */
function bornOf(pid: number): string | null {
  if (process.platform !== 'linux') return null
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
  } catch {
    return null
  }
}

/**
 * Moves the stale lock aside and looks at what was moved: when another process was quicker and it is a live
 * lock, it is put back.
 */
async function removeStale(file: string, stale: Holder, token: string): Promise<boolean> {
  const aside = `${file}.stale-${token}`
  try {
    await rename(file, aside)
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
  const moved = await readHolder(aside)
  if (moved !== undefined && moved.token !== stale.token) {
    await link(aside, file).catch(() => undefined)
    await unlink(aside)
    return false
  }
  await unlinkIfThere(aside)
  return true
}

/** What to tell of a lock that was taken over. */
export function staleText(what: string, holder: Holder): string {
  const since = holder.started === '' ? '' : ` since ${holder.started}`
  return holder.pid === 0
    ? `Took over an unreadable lock of ${what}.`
    : `Took over the lock of ${what} from process ${holder.pid}, which held it${since} and is gone.`
}

/** The fault of a lock that another run has. */
export function heldFault(
  what: string,
  holder: Holder,
  otherwise = 'Wait until it is done; if that machine is gone, remove the lock file.',
): Error {
  const here = holder.host === hostname()
  return fault({
    kind: 'unavailable',
    code: 'lock.held',
    why: `The ${what} is being collected by process ${holder.pid}${here ? '' : ` on ${holder.host}`} since ${holder.started}.`,
    fix: here ? 'Wait until it is done.' : otherwise,
  })
}
