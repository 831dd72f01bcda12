import type { StoredObject } from '@omni/spec'
import { createWindow, type Window } from '../compress/window.ts'
import { fileFault } from '../errors.ts'
import type { Member } from './member.ts'
import { createNameBook } from './names.ts'
import { TarEntries, type TarEntry, type TarInput } from './tar-entries.ts'

/** Entries that are looked at, at most: their names are held in memory. */
const MAX_ENTRIES = 1_000_000
/** Bytes of one range when an object is read: many small members, or the header of one large. */
const RANGE_BYTES = 256 * 1024
/** Bytes of one piece of a member. */
const PIECE_BYTES = 256 * 1024
/** How long a pass over the archive waits for the reader of the next member. */
const PARKED_MS = 250

/**
 * The files of a tar archive, in its order. Opening one reads its range where the archive is an object of `size` bytes.
 * Where it is only a stream, members that are opened in order share one pass over it.
 */
export async function listTar(
  open: () => AsyncIterable<Uint8Array>,
  random?: { readonly object: StoredObject; readonly size: number; readonly signal: AbortSignal },
): Promise<readonly Member[]> {
  if (random) {
    const { object, signal } = random
    return list(
      createRangeInput(random),
      ({ size }, start) =>
        () =>
          readRange(object, start, size, signal),
    )
  }
  const passes = createPasses(open)
  const pass = createPass(open())
  try {
    return await list(pass.input, (_entry, _start, index) => () => passes.read(index))
  } finally {
    await pass.close()
  }
}

async function list(
  input: TarInput,
  opener: (entry: TarEntry, start: number, index: number) => () => AsyncIterable<Uint8Array>,
): Promise<Member[]> {
  const entries = new TarEntries(input)
  const names = createNameBook()
  const members: Member[] = []
  for (let index = 0; ; index++) {
    const entry = await entries.next()
    if (entry === undefined) return members
    if (index >= MAX_ENTRIES) {
      throw fileFault('file.tar.unsupported', `The tar archive holds more than ${MAX_ENTRIES} files.`)
    }
    const name = names.take(entry.name, entry.kind === 'file')
    if (typeof name !== 'string')
      throw fileFault('file.tar.path', `The name of entry ${index + 1} ${name.refused}.`)
    if (entry.kind !== 'file') continue
    members.push({
      name,
      size: entry.size,
      modifiedMs: entry.modifiedMs,
      open: opener(entry, input.position, index),
    })
  }
}

async function* readRange(
  object: StoredObject,
  start: number,
  size: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  let left = size
  if (size === 0) return
  for await (const piece of object.stream({ start, end: start + size, signal })) {
    left -= piece.length
    yield piece
  }
  if (left > 0) throw cut()
}

/** Reads ranges, and skips what is not asked for. */
function createRangeInput({
  object,
  size,
  signal,
}: {
  readonly object: StoredObject
  readonly size: number
  readonly signal: AbortSignal
}): TarInput {
  let position = 0
  let held: { readonly at: number; readonly bytes: Uint8Array } = { at: 0, bytes: new Uint8Array(0) }
  return {
    get position() {
      return position
    },
    async take(bytes) {
      const end = Math.min(position + bytes, size)
      if (end > held.at + held.bytes.length) {
        const range = { start: position, end: Math.min(size, Math.max(end, position + RANGE_BYTES)), signal }
        held = { at: position, bytes: range.end > range.start ? await object.read(range) : new Uint8Array(0) }
      }
      const part = held.bytes.subarray(position - held.at, Math.max(position, end) - held.at)
      position += part.length
      return part
    },
    async skip(bytes) {
      position += bytes
      return position <= size
    },
  }
}

/** One pass over the archive as a stream. */
interface Pass {
  readonly input: TarInput
  /** The next piece, of at most so many bytes. */
  some(bytes: number): Promise<Uint8Array>
  readonly entries: TarEntries
  /** Index of the entry that comes next. */
  next: number
  close(): Promise<void>
}

function createPass(source: AsyncIterable<Uint8Array>): Pass {
  const window = createWindow(source)
  const input = createStreamInput(window)
  return {
    input,
    entries: new TarEntries(input),
    next: 0,
    async some(bytes) {
      const part = await window.some(bytes)
      input.advance(part.length)
      return part
    },
    close: () => window.close(),
  }
}

function createStreamInput(window: Window): TarInput & { advance(bytes: number): void } {
  let position = 0
  return {
    get position() {
      return position
    },
    advance(bytes) {
      position += bytes
    },
    async take(bytes) {
      const part = await window.take(bytes)
      position += part.length
      return part
    },
    async skip(bytes) {
      for (let left = bytes; left > 0; ) {
        const part = await window.some(left)
        if (part.length === 0) return false
        position += part.length
        left -= part.length
      }
      return true
    },
  }
}

/** Reads members by their index, each with the pass that stopped before it, if there is one. */
function createPasses(open: () => AsyncIterable<Uint8Array>): {
  read(index: number): AsyncGenerator<Uint8Array, void, void>
} {
  let parked: { readonly pass: Pass; readonly timer: NodeJS.Timeout } | undefined
  const unpark = (): Pass | undefined => {
    const pass = parked?.pass
    clearTimeout(parked?.timer)
    parked = undefined
    return pass
  }
  const park = async (pass: Pass): Promise<void> => {
    await unpark()?.close()
    // A source that fails when it is closed early has nothing to say that a reader needs.
    const timer = setTimeout(
      () =>
        void unpark()
          ?.close()
          .catch(() => undefined),
      PARKED_MS,
    )
    timer.unref()
    parked = { pass, timer }
  }
  const passTo = async (index: number): Promise<Pass> => {
    if (parked !== undefined && parked.pass.next <= index) return unpark() as Pass
    return createPass(open())
  }
  return {
    async *read(index) {
      const pass = await passTo(index)
      let isSound = false
      try {
        let entry = await pass.entries.next()
        for (; entry !== undefined && pass.next++ < index; ) entry = await pass.entries.next()
        if (entry === undefined) throw fileFault('file.changed', 'The archive changed while it was read.')
        isSound = true
        for (let left = entry.size; left > 0; ) {
          isSound = false
          const piece = await pass.some(Math.min(left, PIECE_BYTES))
          if (piece.length === 0) throw cut()
          left -= piece.length
          isSound = true
          yield piece
        }
      } finally {
        // Also when the reader stops in the middle: the next member is behind this one.
        if (isSound) await park(pass)
        else await pass.close()
      }
    },
  }
}

function cut(): Error {
  return fileFault('file.truncated', 'The tar archive ends in the middle of a file.')
}
