import { localObject, normalizeBatch, rowAt } from '@omni/core'
import type {
  Chunk,
  Collector,
  Context,
  Limits,
  Position,
  Reader,
  ReadRequest,
  Row,
  Split,
  Stream,
} from '@omni/spec'
import { LIMITS, type World } from './world.ts'

/** One opened reader, with all that it said. */
export interface Session {
  readonly collector: Collector
  readonly reader: Reader
  readonly logged: string[]
  readonly abort: AbortController
}

export function openSession(collector: Collector, limits: Limits = LIMITS): Session {
  const abort = new AbortController()
  const logged: string[] = []
  const log = (message: string): void => {
    logged.push(message)
  }
  const ctx: Context = {
    signal: abort.signal,
    log: { debug: log, info: log, warn: log },
    fetch: globalThis.fetch,
    now: Date.now,
    limits,
    storage: localObject,
  }
  return { collector, reader: collector.source.open(collector.options, ctx), logged, abort }
}

/** Opens a session, hands it to `use`, and closes it whatever happens. */
export async function withSession<T>(
  collector: Collector,
  use: (session: Session) => Promise<T>,
  limits?: Limits,
): Promise<T> {
  const session = openSession(collector, limits)
  try {
    return await use(session)
  } finally {
    await session.reader.close?.()
  }
}

export interface Reading {
  readonly chunks: readonly Exclude<Chunk, { restart: unknown }>[]
  readonly rows: readonly Row[]
  readonly rejected: number
  readonly filtered: number
  readonly restarts: number
  /** Position of the last chunk that had one. */
  readonly position: Position | undefined
}

export async function streamOf(session: Session, world: World): Promise<Stream> {
  const streams = await session.reader.discover()
  const found = world.stream === undefined ? streams[0] : streams.find(({ name }) => name === world.stream)
  if (!found) throw new TypeError('discover gives no stream to read')
  return found
}

export function request(session: Session, world: World, more: Partial<ReadRequest> = {}): ReadRequest {
  return {
    signal: session.abort.signal,
    limits: LIMITS,
    ...(world.limit === undefined ? {} : { limit: world.limit }),
    ...more,
  }
}

/** Reads a stream to its end, every split of it in order, and forgets what a restart makes void. */
export async function readAll(
  session: Session,
  world: World,
  from?: Position,
  more: Partial<ReadRequest> = {},
): Promise<Reading> {
  const stream = await streamOf(session, world)
  const splits: readonly (Split | undefined)[] = (await session.reader.splits?.(stream)) ?? [undefined]
  const readings: Reading[] = []
  for (const split of splits) {
    const asked = request(session, world, { ...more, ...(split ? { split } : {}) })
    readings.push(await gather(session.reader.read(stream, from, asked)))
  }
  return {
    chunks: readings.flatMap(({ chunks }) => chunks),
    rows: readings.flatMap(({ rows }) => rows),
    rejected: readings.reduce((sum, { rejected }) => sum + rejected, 0),
    filtered: readings.reduce((sum, { filtered }) => sum + filtered, 0),
    restarts: readings.reduce((sum, { restarts }) => sum + restarts, 0),
    position: readings.at(-1)?.position,
  }
}

/** Reads chunks to their end, and forgets what a restart makes void. */
export async function gather(chunks: AsyncIterable<Chunk>): Promise<Reading> {
  let kept: Exclude<Chunk, { restart: unknown }>[] = []
  let restarts = 0
  for await (const chunk of chunks) {
    if ('restart' in chunk) {
      kept = []
      restarts++
    } else kept.push(chunk)
  }
  const rows: Row[] = []
  for (const chunk of kept) rows.push(...(await rowsOf(chunk)))
  return {
    chunks: kept,
    rows,
    rejected: kept.reduce((sum, { rejected }) => sum + (rejected?.length ?? 0), 0),
    filtered: kept.reduce((sum, { filtered }) => sum + (filtered ?? 0), 0),
    restarts,
    position: kept.findLast(({ position }) => position !== undefined)?.position,
  }
}

/** The rows of a chunk, whichever form it has. */
export async function rowsOf(chunk: Exclude<Chunk, { restart: unknown }>): Promise<readonly Row[]> {
  if ('rows' in chunk) return chunk.rows
  const batch = await normalizeBatch(chunk.batch)
  return Array.from({ length: batch.rows }, (_, i) => rowAt(batch, i))
}

/** A limit small enough to cut any seeded stream. */
export const LIMITED = 2

/** Everything a person or a log could see of an error. */
export function textOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error)
  const { code, why, fix, message } = error as Readonly<Record<string, unknown>>
  return [code, why, fix, message].filter((part) => part !== undefined).join('\n')
}

/** The error of a promise, or undefined when it resolves. */
export async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
    return undefined
  } catch (error) {
    return error
  }
}

/** The promise's outcome, or `late` after so long. */
export async function within<T>(ms: number, promise: Promise<T>): Promise<T | 'late'> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((done) => {
    timer = setTimeout(() => done('late'), ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
