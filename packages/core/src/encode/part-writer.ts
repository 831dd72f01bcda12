import { availableParallelism } from 'node:os'
import { type Batch, type Fault, fault, type Schema } from '@omni/spec'
import { createArena } from '../digest/arena.ts'
import { canonicalSize } from '../digest/canonical.ts'
import type { DraftFolder } from '../home/home.ts'
import { createContainer, createGroupEncoder, type Format } from './format.ts'
import { createPartSink, type PartReceipt } from './part-sink.ts'
import { createEncodePool, type EncodePool } from './pool.ts'
import { type BlockLayout, blockAt, createSlabPool, placeBlock, placedBytes } from './slab.ts'
import { storageFault } from './storage-fault.ts'

/** Writes the blocks of one stream as parts. Calls must not overlap. */
export interface PartWriter {
  /** Copies the block; resolves when there is room for the next. */
  write(block: Batch): Promise<void>
  /** Every part is durable and read-only; making the folder's entry durable is the caller's part. */
  close(): Promise<readonly PartReceipt[]>
  /** Takes away every file it made; may follow a failure, and may be repeated. */
  abort(): Promise<void>
}

export interface PartWriterOptions {
  /** Where the parts go. */
  readonly folder: DraftFolder
  readonly format: Format
  readonly schema: Schema
  /** Threads that encode. Default: one, or two where there are more than two processors. */
  readonly threads?: number
  /** Canonical bytes of a part, at most, save a single larger block. Default 256 MiB. */
  readonly partBytes?: number
  /** Canonical bytes of a row group, at most, save a single larger block. Default 8 MiB. */
  readonly groupBytes?: number
  readonly signal?: AbortSignal
}

const MIB = 1 << 20
const SLAB_BYTES = 2 * MIB
/** Up to this many canonical bytes are encoded here when they are all: a thread takes longer to start. */
const INLINE_BYTES = 4 * MIB

/**
 * A writer whose bytes depend on the blocks alone: cuts follow their canonical size, groups are encoded by
 * themselves, and written in order, whatever the number of threads. Blocks in flight are bounded.
 */
export function createPartWriter(options: PartWriterOptions): PartWriter {
  const { folder, format, schema, signal } = options
  const { partBytes = 256 * MIB, groupBytes = 8 * MIB } = options
  const threads = options.threads ?? (availableParallelism() > 2 ? 2 : 1)
  const arena = createArena()
  const slabs = createSlabPool(SLAB_BYTES)
  const sink = createPartSink(folder, format, createContainer(format, schema))
  let pool: EncodePool | undefined
  let failure: Fault | undefined
  let isClosed = false

  let group: BlockLayout[] = []
  let groupSize = 0
  let partSize = 0
  let total = 0
  let slab: SharedArrayBuffer | undefined
  let slabEnd = 0

  /** Resolves when all groups so far are written; never rejects, `failure` says. */
  let written: Promise<void> = Promise.resolve()
  let inFlight = 0
  let wake: (() => void) | undefined

  const check = (): void => {
    if (signal?.aborted && !failure) {
      failure = fault({
        kind: 'aborted',
        code: 'run.aborted',
        why: 'The run was stopped.',
        fix: 'Run it again.',
      })
    }
    if (failure) throw failure
    if (isClosed) {
      throw fault({ kind: 'bug', code: 'encode.closed', why: 'The writer is closed.', fix: 'Report this.' })
    }
  }
  const release = (blocks: readonly BlockLayout[]): void => {
    for (const used of new Set(blocks.map((block) => block.slab))) slabs.give(used)
  }
  const submit = (endsPart: boolean): void => {
    if (group.length === 0) return
    const blocks = group
    group = []
    groupSize = 0
    slab = undefined
    pool ??= createEncodePool({ format, schema }, threads)
    const encoded = pool.encode(blocks)
    // It is awaited below, maybe later than it fails.
    encoded.catch(() => undefined)
    inFlight++
    const before = written
    const write = async (): Promise<void> => {
      await before
      try {
        const ready = await encoded
        release(blocks)
        if (!failure) await sink.append(ready, endsPart)
        ready.release()
      } catch (error) {
        failure ??= storageFault(error)
      }
      inFlight--
      wake?.()
    }
    written = write()
  }
  const room = async (): Promise<void> => {
    // One more than the threads, so that none waits for the next group.
    while (inFlight > threads && !failure) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  const stop = async (): Promise<void> => {
    isClosed = true
    await pool?.close()
    pool = undefined
  }

  return {
    async write(block) {
      check()
      if (block.rows === 0) return
      const size = canonicalSize(block, arena)
      if (partSize > 0 && partSize + size > partBytes) {
        submit(true)
        partSize = 0
      } else if (groupSize > 0 && groupSize + size > groupBytes) {
        submit(false)
      }
      await room()
      check()
      const needed = placedBytes(block)
      if (!slab || slabEnd + needed > slab.byteLength) {
        slab = slabs.take(needed)
        slabEnd = 0
      }
      const placed = placeBlock(block, slab, slabEnd)
      slabEnd = placed.end
      group.push(placed.layout)
      groupSize += size
      partSize += size
      total += size
      if (total > INLINE_BYTES) pool ??= createEncodePool({ format, schema }, threads)
    },
    async close() {
      check()
      try {
        if (!pool && group.length > 0) {
          const blocks = group.map((layout) => blockAt(layout, schema))
          await sink.append(createGroupEncoder(format, schema).encode(blocks), false)
        } else submit(false)
        await written
        check()
        return await sink.finish()
      } catch (error) {
        failure ??= storageFault(error)
        throw failure
      } finally {
        await stop()
      }
    },
    async abort() {
      failure ??= fault({
        kind: 'aborted',
        code: 'run.aborted',
        why: 'The run was stopped.',
        fix: 'Run it again.',
      })
      wake?.()
      await stop()
      await written
      await sink.abandon()
    },
  }
}
