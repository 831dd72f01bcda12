import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { connect, createServer } from 'node:net'
import { delimiter, join } from 'node:path'

/** Where Debian puts servers that are not on everyone's path. */
const MORE_FOLDERS = [
  '/usr/sbin',
  '/usr/local/sbin',
  '/usr/local/bin',
  '/opt/homebrew/sbin',
  '/opt/homebrew/bin',
]

/** The program's path: `OMNI_TEST_<NAME>_BIN`, then these folders, then PATH and the known places. */
export function findProgram(name: string, first: readonly string[] = []): string | undefined {
  const chosen = process.env[`OMNI_TEST_${name.toUpperCase().replaceAll('-', '_')}_BIN`]
  const folders = [...first, ...(process.env['PATH'] ?? '').split(delimiter), ...MORE_FOLDERS]
  return [...(chosen ? [chosen] : []), ...folders.map((folder) => join(folder, name))].find((path) => {
    try {
      accessSync(path, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/**
 * A free port below 32768: in the ephemeral range a probe that connects before the server listens can connect to
 * itself.
 */
export async function freePort(): Promise<number> {
  for (let i = 0; i < 50; i++) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    const free = await new Promise<boolean>((resolve) => {
      const probe = createServer()
      probe.once('error', () => resolve(false))
      probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
    })
    if (free) return port
  }
  throw new TypeError('no free port was found')
}

/** A server that was started. */
export interface Launched {
  readonly child: ChildProcess
  /** Kills it; `gently` lets it save and end by itself. */
  stop(how?: 'gently'): Promise<void>
}

/** Whatever takes longer to end by itself is killed. */
const GENTLE_MS = 10_000

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null

/** Starts a server in a process group of its own; it is stopped with this process at the latest. */
export function launch(program: string, args: readonly string[]): Launched {
  const child = spawn(program, args, { detached: true, stdio: ['ignore', 'ignore', 'pipe'] })
  child.stderr?.resume()
  child.unref()
  ;(child.stderr as unknown as { unref?: () => void } | null)?.unref?.()
  const kill = (): void => {
    if (!hasEnded(child) && child.pid !== undefined) {
      try {
        process.kill(-child.pid, 'SIGKILL')
      } catch {
        // It has ended by itself.
      }
    }
  }
  process.once('exit', kill)
  const stop = async (how?: 'gently'): Promise<void> => {
    if (!hasEnded(child)) {
      const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
      if (how === 'gently') child.kill('SIGTERM')
      else kill()
      const late = setTimeout(kill, GENTLE_MS)
      await gone
      clearTimeout(late)
    }
    process.removeListener('exit', kill)
  }
  return { child, stop }
}

/** Resolves when something listens on the port. */
export async function listening(port: number, child: ChildProcess, timeoutMs = 10_000): Promise<void> {
  const until = Date.now() + timeoutMs
  while (Date.now() < until) {
    if (hasEnded(child)) throw new TypeError(`it ended with ${child.exitCode ?? child.signalCode}`)
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect({ port, host: '127.0.0.1', timeout: 500 })
      const done = (answer: boolean) => (): void => {
        socket.destroy()
        resolve(answer)
      }
      socket.once('connect', done(true)).once('error', done(false)).once('timeout', done(false))
    })
    if (open) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new TypeError(`it did not listen within ${timeoutMs} ms`)
}
