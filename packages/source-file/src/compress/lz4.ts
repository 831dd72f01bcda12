import { fileFault } from '../errors.ts'
import { decodeLz4Block } from './lz4-block.ts'
import { createWindow, expectOnlyZeros, takeAll, type Window } from './window.ts'
import { createXxh32, xxh32 } from './xxh32.ts'

const FRAME_MAGIC = 0x184d2204
const LEGACY_MAGIC = 0x184c2102
/** Skippable frames: 16 magic numbers, the same as those of zstd. */
const SKIPPABLE_MAGIC = 0x184d2a50
const LEGACY_BLOCK_BYTES = 8 << 20
/** How far a match reaches back. */
const HISTORY_BYTES = 1 << 16

/**
 * Decompresses LZ4 frames, legacy and skippable ones too, any number of them, with all checksums.
 * https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
 */
export async function* unlz4(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const window = createWindow(source)
  try {
    for (let frames = 0; ; frames++) {
      const head = await window.peek(4)
      if (head.length === 0 && frames > 0) return
      const magic = head.length < 4 ? 0 : readU32(head)
      if (magic === FRAME_MAGIC) yield* unpackFrame(window)
      else if (magic === LEGACY_MAGIC) yield* unpackLegacy(window)
      else if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) await skipFrame(window)
      else if (frames === 0) throw damaged('does not begin with a frame')
      else if (head[0] === 0) {
        await expectOnlyZeros(window, 'lz4')
        return
      } else throw fileFault('file.trailing', 'Something else follows the end of the lz4 data.')
    }
  } finally {
    await window.close()
  }
}

interface FrameHeader {
  readonly isIndependent: boolean
  readonly hasBlockSums: boolean
  readonly hasContentSum: boolean
  readonly contentSize: bigint | undefined
  readonly blockBytes: number
}

async function readHeader(window: Window): Promise<FrameHeader> {
  await takeAll(window, 4, 'lz4')
  const start = await window.peek(2)
  if (start.length < 2) await takeAll(window, 2, 'lz4')
  const flags = start[0]!
  const blocks = start[1]!
  const hasSize = (flags & 8) !== 0
  const hasDictionary = (flags & 1) !== 0
  if (flags >> 6 !== 1)
    throw fileFault('file.compression', 'The lz4 data is of a later version of the format.')
  const size = 2 + (hasSize ? 8 : 0) + (hasDictionary ? 4 : 0)
  const header = await takeAll(window, size + 1, 'lz4')
  if (((xxh32(header.subarray(0, size)) >>> 8) & 0xff) !== header[size]) throw damaged('has a damaged header')
  const blockCode = (blocks >> 4) & 7
  if ((flags & 2) !== 0 || (blocks & 0x8f) !== 0 || blockCode < 4) throw damaged('has a damaged header')
  if (hasDictionary) throw fileFault('file.compression', 'The lz4 data needs a dictionary.')
  return {
    isIndependent: (flags & 0x20) !== 0,
    hasBlockSums: (flags & 0x10) !== 0,
    hasContentSum: (flags & 4) !== 0,
    contentSize: hasSize ? new DataView(header.buffer, header.byteOffset).getBigUint64(2, true) : undefined,
    blockBytes: 1 << (8 + 2 * blockCode),
  }
}

async function* unpackFrame(window: Window): AsyncGenerator<Uint8Array, void, void> {
  const header = await readHeader(window)
  const content = header.hasContentSum ? createXxh32() : undefined
  const history = header.isIndependent ? 0 : HISTORY_BYTES
  const output = new Uint8Array(history + header.blockBytes)
  let at = 0
  let written = 0n
  while (true) {
    const word = readU32(await takeAll(window, 4, 'lz4'))
    if (word === 0) break
    const size = word & 0x7fffffff
    if (size > header.blockBytes) throw damaged('is damaged')
    const packed = await takeAll(window, size, 'lz4')
    if (at > history) {
      output.copyWithin(0, at - history, at)
      at = history
    }
    const isPlain = word >>> 31 === 1
    // A full buffer behind the history: a block may not be larger than the header says.
    const end = isPlain ? at + size : decodeLz4Block(packed, output.subarray(0, at + header.blockBytes), at)
    if (end < 0) throw damaged('is damaged')
    if (isPlain) output.set(packed, at)
    if (header.hasBlockSums) {
      const sum = xxh32(packed)
      if (readU32(await takeAll(window, 4, 'lz4')) !== sum) throw wrongSum()
    }
    const piece = output.slice(at, end)
    at = end
    written += BigInt(piece.length)
    content?.update(piece)
    if (piece.length > 0) yield piece
  }
  if (content && readU32(await takeAll(window, 4, 'lz4')) !== content.digest()) throw wrongSum()
  if (header.contentSize !== undefined && header.contentSize !== written) {
    throw damaged('has another size than its header says')
  }
}

/** Blocks of 8 MiB without a checksum; the end of the file, or another frame, ends them. */
async function* unpackLegacy(window: Window): AsyncGenerator<Uint8Array, void, void> {
  await takeAll(window, 4, 'lz4')
  const output = new Uint8Array(LEGACY_BLOCK_BYTES)
  for (let isLast = false; ; ) {
    const head = await window.peek(4)
    if (head.length === 0) return
    const size = head.length < 4 ? 0 : readU32(head)
    if (isMagic(size) || (head[0] === 0 && size === 0 && head.length === 4)) return
    // Only the last block may be shorter than 8 MiB unpacked.
    if (isLast) throw fileFault('file.trailing', 'Something else follows the end of the lz4 data.')
    await takeAll(window, 4, 'lz4')
    if (size > LEGACY_BLOCK_BYTES + LEGACY_BLOCK_BYTES / 255 + 16) throw damaged('is damaged')
    const end = decodeLz4Block(await takeAll(window, size, 'lz4'), output, 0)
    if (end < 0) throw damaged('is damaged')
    yield output.slice(0, end)
    isLast = end < LEGACY_BLOCK_BYTES
  }
}

function isMagic(value: number): boolean {
  return value === FRAME_MAGIC || value === LEGACY_MAGIC || (value & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC
}

async function skipFrame(window: Window): Promise<void> {
  const header = await takeAll(window, 8, 'lz4')
  for (let left = readU32(header.subarray(4)); left > 0; ) {
    const part = Math.min(left, 1 << 20)
    await takeAll(window, part, 'lz4')
    left -= part
  }
}

function readU32(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)
}

function damaged(what: string): Error {
  return fileFault('file.corrupt', `The lz4 data ${what}.`)
}

function wrongSum(): Error {
  return fileFault('file.corrupt', 'The checksum of the lz4 data is wrong.')
}
