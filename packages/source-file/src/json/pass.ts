import { type JsonMode, type JsonNode, type JsonRun, loadKernelsSync } from '@omni/kernels'
import type { Limits, Rejected } from '@omni/spec'
import type { FormatChunk, FormatRequest } from '../format.ts'
import { type BatchGrower, createBatchGrower } from './batch.ts'
import { boundNodes, type KnownTypes, observeRecord } from './known.ts'
import { toRow } from './record.ts'
import { restate } from './restate.ts'
import { type JsonTree, treeOf } from './tree.ts'

/** One walk over the records of a file, as it turns them into chunks of columns. */
export interface Pass {
  /** Chunks that are ready; whoever drives the pass takes them out. */
  readonly full: FormatChunk[]
  /** The limit is reached. */
  readonly isDone: boolean
  /** Why the types do not hold, once something contradicted them. From then on the pass only learns. */
  readonly contradiction: string | undefined
  /** Makes bytes the input of {@link Pass.run}; they must be UTF-8. */
  load(bytes: Uint8Array): void
  /**
   * Reads records on from `from`, relative to what was loaded. Stops at `unusual` before one that goes to
   * {@link Pass.add} or {@link Pass.reject}, and elsewhere to hand out a chunk.
   */
  run(mode: JsonMode, from: number, to: number): JsonRun
  /** Takes a record that was cut out of the input and is UTF-8; false where it goes to {@link Pass.add}. */
  one(record: Uint8Array): boolean
  /** Takes a record that was parsed; `where` names it. */
  add(value: unknown, where: string): void
  reject(rejected: Rejected): void
  /** The input has ended: the rest becomes a chunk. */
  finish(): void
  release(): void
}

/** Rejected records of one chunk, at most. */
const REJECTED_ROWS = 1000
/** Bytes of values in a batch whatever the limits allow: their offsets are 32 bits. */
const MAX_BATCH_BYTES = 256 * 1024 * 1024
/** Records that are only looked at after one that taught something, before the columns are laid out anew. */
const FIRST_LOOK = 16
const LAST_LOOK = 1024

/** Bytes that are read at once: with their values they fit the second-level cache. */
const STEP_BYTES = 256 * 1024

/** Bytes to load at once, well below a chunk. */
export function stepBytes({ chunkBytes }: Limits): number {
  return Math.max(64, Math.min(STEP_BYTES, chunkBytes >> 3))
}

const STUCK: JsonRun = { rows: 0, consumed: 0, stop: 'unusual', lines: 0, lineStart: -1 }

/** A pass that gives chunks (`emits`) or only finds out what the columns are. It changes `known` as it learns. */
export function createPass(known: KnownTypes, request: FormatRequest, emits: boolean): Pass {
  const { limits, limit = Number.POSITIVE_INFINITY } = request
  const batchBytes = Math.min(limits.chunkBytes, MAX_BATCH_BYTES) - stepBytes(limits)
  const decoder = loadKernelsSync().createJsonDecoder()
  const full: FormatChunk[] = []
  let tree: JsonTree
  let grower: BatchGrower
  let isLearning = !emits
  let contradiction: string | undefined
  let rejected: Rejected[] = []
  let rejectedBytes = 0
  let total = 0
  /** Records still to be looked at, and how many it is next time. */
  let looking = 0
  let nextLook = FIRST_LOOK
  let loaded: Uint8Array = new Uint8Array()
  layOut()

  function layOut(): void {
    boundNodes(known)
    tree = treeOf(known.columns)
    grower = createBatchGrower(tree, request.memory)
    decoder.configure(tree.root, tree.bare, known.isWhole)
    decoder.load(loaded, 0, loaded.length)
  }

  const room = (): number =>
    isLearning ? Number.POSITIVE_INFINITY : limits.chunkRows - grower.rows - decoder.rows

  /** Takes what the decoder has; in a pass that learns, only what it tells of the types. */
  function move(): void {
    if (isLearning) {
      grower.drop(decoder)
      return
    }
    grower.add(decoder)
    if (grower.rows >= limits.chunkRows || grower.bytes + rejectedBytes >= batchBytes) flush()
  }

  function flush(): void {
    const some = rejected.length > 0 ? { rejected } : {}
    full.push(grower.rows > 0 ? { batch: grower.finish(), ...some } : { rows: [], ...some })
    rejected = []
    rejectedBytes = 0
  }

  function take(bytes: Uint8Array): boolean {
    let stop = decoder.one(bytes)
    if (stop === 'full') {
      move()
      stop = decoder.one(bytes)
    }
    if (stop !== 'end') return false
    total++
    if (room() <= 0) move()
    return true
  }

  function restateRecord(value: unknown): string {
    // A record that is one text is taken like one that is no object.
    return known.isWhole
      ? restate(value, tree.root.children[0] as JsonNode)
      : restate(toRow(value), tree.root)
  }

  function look(value: unknown): void {
    total++
    observeRecord(known, value)
    if (--looking <= 0) layOut()
  }

  /** What the record teaches; it is in the columns of the next pass. */
  function learn(value: unknown, where: string): void {
    move()
    if (!isLearning) {
      isLearning = true
      contradiction = `The types found before do not hold for ${where}.`
      rejected = []
      rejectedBytes = 0
      grower.finish()
      full.length = 0
    }
    looking = nextLook
    nextLook = Math.min(2 * nextLook, LAST_LOOK)
    look(value)
  }

  return {
    full,
    get isDone() {
      return total >= limit
    },
    get contradiction() {
      return contradiction
    },
    load(bytes) {
      move()
      loaded = bytes
      decoder.load(bytes, 0, bytes.length)
    },
    run(mode, from, to) {
      if (looking > 0) return STUCK
      const found = decoder.run(mode, from, to, Math.min(room(), limit - total))
      total += found.rows
      if (found.stop === 'full' || room() <= 0) move()
      return found
    },
    one: (record) => looking === 0 && total < limit && take(record),
    add(value, where) {
      if (total >= limit) return
      if (looking > 0) look(value)
      else if (!take(Buffer.from(restateRecord(value)))) learn(value, where)
    },
    reject(record) {
      if (isLearning || total >= limit) return
      rejected.push(record)
      rejectedBytes += record.raw?.length ?? 0
      if (rejected.length < REJECTED_ROWS && rejectedBytes < batchBytes) return
      move()
      if (rejected.length > 0) flush()
    },
    finish() {
      move()
      if (looking > 0) boundNodes(known)
      if (!isLearning && (grower.rows > 0 || rejected.length > 0)) flush()
    },
    release: () => decoder.release(),
  }
}
