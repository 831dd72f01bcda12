import { isFault } from '@omni/spec'
import { peek } from '../csv/peek.ts'
import { fileFault } from '../errors.ts'
import type { FormatChunk, FormatInput, FormatRequest } from '../format.ts'
import { type KnownTypes, saveKnown, startKnown } from './known.ts'
import { createPass, type Pass } from './pass.ts'

/** Bytes from which the types are inferred before the first batch: about a block of rows. */
const SAMPLE_BYTES = 1024 * 1024

/** Cuts pieces into records and gives them to the pass; yields what comes of it. `isCut`: the pieces end anywhere. */
export type Drive = (
  pieces: AsyncIterable<Uint8Array>,
  pass: Pass,
  isCut: boolean,
) => AsyncGenerator<FormatChunk, void, void>

/**
 * Records in batches. When one contradicts the types of the sample, the rest of the file is only looked at, and the
 * file read again with the types that hold for all of it, so that the types depend on the file alone. `reuse`: `drive`
 * keeps no piece.
 */
export async function* decodeRecords(
  input: FormatInput,
  request: FormatRequest,
  drive: Drive,
  options: { readonly reuse: boolean },
): AsyncGenerator<FormatChunk, void, void> {
  const { reuse } = options
  const known = startKnown(request.learned)
  try {
    const peeked = await peek(input.open(reuse), Math.min(SAMPLE_BYTES, request.limits.bufferBytes))
    try {
      await learn(peeked.head(), known, request, drive, !peeked.isComplete)
    } catch (error) {
      await peeked.close()
      throw error
    }
    const contradiction = yield* emit(peeked.all(), known, request, drive)
    if (contradiction === undefined) return
    yield { restart: { why: contradiction } }
    const again = yield* emit(input.open(reuse), known, request, drive)
    if (again !== undefined) throw fileFault('file.changed', 'The file changed while it was read.')
  } finally {
    saveKnown(known, request.learned)
  }
}

/** Finds out what the columns of these pieces are. What is wrong with them is said when they are read. */
async function learn(
  pieces: AsyncIterable<Uint8Array>,
  known: KnownTypes,
  request: FormatRequest,
  drive: Drive,
  isCut: boolean,
): Promise<void> {
  const pass = createPass(known, request, false)
  try {
    for await (const _ of drive(pieces, pass, isCut)) request.signal.throwIfAborted()
    pass.finish()
  } catch (error) {
    if (!isFault(error)) throw error
  } finally {
    pass.release()
  }
}

/** Chunks with the types that are known; returns why when they do not hold. */
async function* emit(
  pieces: AsyncIterable<Uint8Array>,
  known: KnownTypes,
  request: FormatRequest,
  drive: Drive,
): AsyncGenerator<FormatChunk, string | undefined, void> {
  const pass = createPass(known, request, true)
  try {
    yield* drive(pieces, pass, false)
    pass.finish()
    yield* pass.full.splice(0)
    return pass.contradiction
  } finally {
    pass.release()
  }
}
