import { randomUUID } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { isFault, type ObjectInfo, type ReadRange, type StoredObject, stopped } from '@omni/spec'
import { type Address, parseAddress } from './address.ts'
import { type ObjectFacts, readFacts, sizeOfUnsatisfied } from './answer.ts'
import { connectionFault, httpFault } from './errors.ts'
import { type Answer, ask, askOnce, pauseAfter, readBody, type Session } from './request.ts'

/** A file of an http(s) server as a stored object: read in parts, gone on with where a connection broke. */
export function httpObject(session: Session, locator: string): StoredObject {
  const address = parseAddress(locator)
  // Without ETag and time nobody can tell versions apart: one run is one version, and the next run another.
  const unversioned = `unversioned-${randomUUID()}`
  const { maxBytes } = session.options
  const expectSize = (size: number | undefined): void => {
    if (size === undefined || size <= maxBytes) return
    throw httpFault('http.size', `${address.place} has ${size} bytes, and maxBytes is ${maxBytes}.`)
  }
  const head = async (): Promise<ObjectInfo> => {
    const facts = await findFacts(session, address)
    expectSize(facts.size)
    return {
      url: address.place,
      name: facts.fileName ?? address.name,
      size: facts.size ?? null,
      etag: facts.version ?? unversioned,
      modifiedMs: facts.modifiedMs,
      isFolder: false,
    }
  }
  const stream = (range: ReadRange = {}): AsyncGenerator<Uint8Array, void, void> =>
    streamRange(session, address, range, unversioned)
  return {
    head,
    stream,
    async read(range) {
      const parts: Uint8Array[] = []
      for await (const part of stream(range)) parts.push(part)
      const [only] = parts
      return parts.length === 1 && only ? only : Buffer.concat(parts)
    },
    // biome-ignore lint/correctness/useYield: a server has nothing to yield, only a fault.
    async *list() {
      throw httpFault('http.list', `The files below ${address.place} cannot be listed.`)
    },
  }
}

/** HEAD, and where a server does not answer it, or without a size, a GET for one byte: signed URLs allow only GET. */
async function findFacts(session: Session, address: Address): Promise<ObjectFacts> {
  const facts = await headFacts(session, address)
  if (facts?.size !== undefined) return facts
  const answer = await ask(
    session,
    address,
    { method: 'GET', headers: { range: 'bytes=0-0' } },
    [200, 204, 206, 416],
  )
  answer.body.destroy()
  if (answer.status !== 416) return readFacts(answer, address.place)
  return { ...readFacts({ ...answer, status: 200 }, address.place), size: sizeOfUnsatisfied(answer) ?? 0 }
}

/** Any failure is left to the GET, which is tried again and says what is the matter. */
async function headFacts(session: Session, address: Address): Promise<ObjectFacts | undefined> {
  try {
    const answer = await askOnce(session, address, { method: 'HEAD' }, [200])
    answer.body.resume()
    return readFacts(answer, address.place)
  } catch (error) {
    if (isFault(error) && error.kind !== 'aborted') return undefined
    throw error
  }
}

/** What one read knows of the object so far, over all its connections. */
interface Progress {
  /** Where the next byte is. */
  at: number
  /** The version that the first answer had, or that was asked for. */
  version: string | undefined
  validator: string | undefined
  size: number | undefined
  /** Checksum of all that was given out: what proves a start again where the server knows no versions. */
  crc: number
}

async function* streamRange(
  session: Session,
  address: Address,
  range: ReadRange,
  unversioned: string,
): AsyncGenerator<Uint8Array, void, void> {
  const { start = 0, end = Number.POSITIVE_INFINITY, signal } = range
  if (end <= start) return
  const wanted = range.etag === unversioned ? undefined : range.etag
  const progress: Progress = { at: start, version: wanted, validator: undefined, size: undefined, crc: 0 }
  for (let tries = 1; ; tries++) {
    const before = progress.at
    try {
      yield* streamOnce(session, address, progress, { start, end, signal })
      return
    } catch (error) {
      const known =
        signal?.aborted || session.context.signal.aborted ? stopped() : connectionFault(error, address.place)
      if (progress.at > before) tries = 1
      await pauseAfter(session, known, tries, signal)
    }
  }
}

interface Bounds {
  readonly start: number
  readonly end: number
  readonly signal: AbortSignal | undefined
}

/** The bytes of one connection from where `progress` is; returns at the end of the range, else throws. */
async function* streamOnce(
  session: Session,
  address: Address,
  progress: Progress,
  { start, end, signal }: Bounds,
): AsyncGenerator<Uint8Array, void, void> {
  const isAgain = progress.at > start
  // Without a version, only the whole file again shows that it is still the same.
  const from = isAgain && progress.version === undefined ? 0 : progress.at
  const answer = await askOnce(
    session,
    address,
    { method: 'GET', headers: rangeHeaders(from, end, progress), signal },
    [200, 204, 206, 416],
  )
  try {
    if (answer.status === 416) {
      const size = sizeOfUnsatisfied(answer)
      if (size !== undefined && size > progress.at)
        throw httpFault('http.range', `${address.place} refuses a part that it has.`)
      if (isAgain) throw changed(address)
      return
    }
    const facts = readFacts(answer, address.place)
    expectSame(facts, answer, progress, isAgain, address)
    expectRange(facts, from, end, address)
    const { maxBytes } = session.options
    if (facts.size !== undefined && facts.size > maxBytes) throw tooLarge(address, maxBytes)
    let place = facts.start
    let skippedCrc = 0
    const proves = progress.version === undefined
    for await (const piece of readBody(answer, session.options.timeoutMs)) {
      const next = place + piece.length
      if (next > maxBytes) throw tooLarge(address, maxBytes)
      // Bytes before the range, and those that were given out already.
      const skip = Math.min(piece.length, Math.max(0, progress.at - place))
      const again = piece.subarray(Math.min(skip, Math.max(0, start - place)), skip)
      if (proves && again.length > 0) skippedCrc = crc32(again, skippedCrc)
      const isThere = place < progress.at && next >= progress.at
      if (proves && isAgain && isThere && skippedCrc !== progress.crc) throw changed(address)
      place = next
      const fresh = piece.subarray(skip, Math.max(skip, piece.length - Math.max(0, next - end)))
      if (fresh.length > 0) {
        if (proves) progress.crc = crc32(fresh, progress.crc)
        progress.at += fresh.length
        yield fresh
      }
      // At the end of the answer, its connection is free for the next one.
      if (progress.at >= end && place !== facts.end) return
    }
    expectWhole(facts, place, progress, end, address)
  } finally {
    answer.body.destroy()
  }
}

function rangeHeaders(from: number, end: number, { validator }: Progress): Record<string, string> {
  if (from === 0 && end === Number.POSITIVE_INFINITY) return {}
  return {
    range: `bytes=${from}-${end === Number.POSITIVE_INFINITY ? '' : end - 1}`,
    // The first request of a read has no validator: what it is answered is the version.
    ...(validator === undefined ? {} : { 'if-range': validator }),
  }
}

/** The version of the first answer is that of all; an answer to If-Range may leave it out. */
function expectSame(
  facts: ObjectFacts,
  answer: Answer,
  progress: Progress,
  isAgain: boolean,
  address: Address,
): void {
  const mayBeSilent = answer.status === 206 && progress.validator !== undefined
  const isSilent = facts.version === undefined && mayBeSilent
  if (progress.version !== undefined && facts.version !== progress.version && !isSilent)
    throw changed(address)
  if (progress.size !== undefined && facts.size !== undefined && facts.size !== progress.size)
    throw changed(address)
  // Once bytes were given out without a version, a later one proves nothing of them.
  if (!isAgain) progress.version ??= facts.version
  progress.validator ??= facts.validator
  progress.size ??= facts.size
}

/** A part is the one that was asked for; only the end of the object may make it shorter. */
function expectRange(facts: ObjectFacts, from: number, end: number, { place }: Address): void {
  const isWhole = facts.start === 0 && facts.end === facts.size
  if (facts.start === from || isWhole) {
    if (facts.end === undefined || facts.end <= end || isWhole) return
  }
  throw httpFault('http.range', `${place} answers with another part of the file than was asked for.`)
}

/** The connection ended in peace: was that all? */
function expectWhole(
  facts: ObjectFacts,
  place: number,
  progress: Progress,
  end: number,
  address: Address,
): void {
  const due = Math.min(end, facts.size ?? facts.end ?? progress.at)
  if (place < (facts.end ?? place) || progress.at < due) {
    throw httpFault('http.short', `${address.place} ended its answer before the end of the file.`)
  }
}

function changed({ place }: Address): Error {
  return httpFault('storage.changed', `${place} changed while it was read.`)
}

function tooLarge({ place }: Address, maxBytes: number): Error {
  return httpFault('http.size', `${place} has more bytes than maxBytes, ${maxBytes}.`)
}
