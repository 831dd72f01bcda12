import type { Fault, ObjectStore } from '@omni/spec'
import { must } from '../conformance/check.ts'
import type { ServerProcess } from '../servers/provider.ts'
import { bytesOf, failureOf, type StorageCheck, same, withStore } from './check.ts'
import type { StorageWorld } from './world.ts'

const MIB = 1 << 20
const SIZE = 32 * MIB

/** A read as many requests, which are cut off between them, and as one, which is cut off in its answer. */
const MANY = { rangeBytes: MIB, concurrency: 4 }
const ONE = { rangeBytes: SIZE, concurrency: 1 }

/** A server that starts slowly on a busy machine is waited for. */
const PATIENT = { maxAttempts: 12, timeoutMs: 5000 }
/** Long enough for a client to find nobody there. */
const DOWN_MS = 300

const killable = (world: StorageWorld): string | undefined =>
  world.process ? undefined : "the server's process cannot be killed"

export const RESTARTING: readonly StorageCheck[] = [
  {
    id: 'S50',
    title: 'a server whose process is killed in mid-read and started again costs nothing but time',
    absent: killable,
    timeoutMs: 120_000,
    run: (world) =>
      seeded(world, async ({ process, url, bytes }) => {
        for (const ranges of [MANY, ONE]) {
          await withStore(world, { more: { ...PATIENT, ...ranges } }, async (store) => {
            const read = await readOver(store, url, process)
            if (read.fault) throw read.fault
            wasMidway(read, ranges)
            must(same(read.bytes, bytes), `${read.bytes.length} bytes were read of ${SIZE}, or others`)
          })
        }
      }),
  },
  {
    id: 'S51',
    title: 'an object that is replaced while the server is down is noticed, and never mixed',
    absent: killable,
    timeoutMs: 120_000,
    run: (world) =>
      seeded(world, async ({ process, url, bytes }) => {
        const replace = (endpoint: string): Promise<void> =>
          withStore(world, { options: world.wire?.through(endpoint) ?? world.options }, (store) =>
            store.put(url, bytesOf(SIZE, 12)),
          )
        await withStore(world, { more: { ...PATIENT, ...MANY } }, async (store) => {
          const read = await readOver(store, url, process, () => process.aside(replace))
          wasMidway(read, MANY)
          must(read.fault !== undefined, 'the read of a replaced object did not fail')
          const { code, kind } = read.fault as Fault
          must(code === 'storage.changed', `its code is ${code} instead of storage.changed`)
          must(kind === 'unavailable', `its kind is ${kind} instead of unavailable`)
          const old = bytes.subarray(0, read.bytes.length)
          must(same(read.bytes, old), 'bytes of both versions were given')
        })
      }),
  },
]

interface Seeded {
  readonly process: ServerProcess
  readonly url: string
  readonly bytes: Uint8Array
}

/** Puts one object that a kill does not take away. */
async function seeded(world: StorageWorld, work: (seeded: Seeded) => Promise<void>): Promise<void> {
  const { process } = world
  if (!process) return
  const url = `${world.root}killed`
  const bytes = bytesOf(SIZE, 11)
  await withStore(world, {}, (store) => store.put(url, bytes))
  await process.settle()
  await work({ process, url, bytes })
}

/** What was given of a read during which the server was killed. */
interface ReadOver {
  readonly bytes: Uint8Array
  /** How much had been given when it was killed, and when it was about to be started again. */
  readonly atKill: number
  readonly atStart: number
  readonly fault?: Fault
}

/** Reads an object, kills the server when the first pieces are there, and starts it again. */
async function readOver(
  store: ObjectStore,
  url: string,
  process: ServerProcess,
  whileDown: () => Promise<void> = async () => {},
): Promise<ReadOver> {
  const pieces: Uint8Array[] = []
  let given = 0
  let [atKill, atStart] = [0, 0]
  let restarted: Promise<void> | undefined
  const restart = async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, DOWN_MS))
    await whileDown()
    atStart = given
    await process.start()
  }
  const reading = async (): Promise<void> => {
    for await (const piece of store.object(url).stream()) {
      pieces.push(piece)
      given += piece.length
      if (restarted) continue
      await process.kill()
      atKill = given
      restarted = restart()
    }
  }
  let fault: Fault | undefined
  try {
    await reading()
  } catch (error) {
    fault = await failureOf(Promise.reject(error), 'the read')
  }
  // Whatever became of the read, the next one finds a server.
  await restarted
  return { bytes: Buffer.concat(pieces), atKill, atStart, ...(fault ? { fault } : {}) }
}

/** The server was needed again: no more than was on its way had come when it was started. */
function wasMidway({ atKill, atStart }: ReadOver, { rangeBytes, concurrency }: typeof MANY): void {
  must(atKill > 0, 'nothing had been given when the server was killed')
  const most = Math.min(SIZE - 1, atKill + rangeBytes * (concurrency + 1))
  must(atStart <= most, `${atStart} of ${SIZE} bytes were given by a server that was killed at ${atKill}`)
}
