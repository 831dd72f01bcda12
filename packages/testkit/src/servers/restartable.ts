import { freePort, type Launched } from './program.ts'
import type { ServerProcess } from './provider.ts'

/** A server whose process can be killed and started again. */
export interface Restartable {
  readonly port: number
  readonly process: ServerProcess
  /** Stops it for good. */
  stop(): Promise<void>
}

export interface RestartableOptions {
  /** Starts it on that port, with the data of the one before; resolves when it listens. */
  readonly launchAt: (port: number) => Promise<Launched>
  /** What was written reaches the disk only later, or when it ends by itself. */
  readonly savesLate?: boolean
}

/** Starts a server on a free port, which it keeps. */
export async function startRestartable({
  launchAt,
  savesLate = false,
}: RestartableOptions): Promise<Restartable> {
  const port = await freePort()
  let running: Launched | undefined = await launchAt(port)
  const end = async (how?: 'gently'): Promise<void> => {
    await running?.stop(how)
    running = undefined
  }
  const start = async (): Promise<void> => {
    running = await launchAt(port)
  }
  return {
    port,
    stop: end,
    process: {
      kill: () => end(),
      start,
      async settle() {
        if (!savesLate) return
        await end('gently')
        await start()
      },
      async aside(work) {
        const other = await freePort()
        const substitute = await launchAt(other)
        try {
          await work(`http://127.0.0.1:${other}`)
        } finally {
          await substitute.stop(savesLate ? 'gently' : undefined)
        }
      },
    },
  }
}
