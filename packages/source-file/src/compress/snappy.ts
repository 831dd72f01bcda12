import { fileFault } from '../errors.ts'
import { createCrc32c } from './crc32c.ts'
import { snappyBlock } from './snappy-block.ts'
import { createWindow, takeAll, type Window } from './window.ts'

/** A chunk has at most this much unpacked, section 4.2 of the framing format. */
const CHUNK_BYTES = 65_536
/** A block of Hadoop's has this much unpacked, at most; its default is 256 KiB. */
const HADOOP_BLOCK_BYTES = 64 << 20

/** First bytes of the framing format: its stream identifier. */
export const SNAPPY_MAGIC: readonly number[] = [0xff, 0x06, 0x00, 0x00, 0x73, 0x4e, 0x61, 0x50, 0x70, 0x59]

/** Decompresses Snappy frames (.sz), https://github.com/google/snappy/blob/main/framing_format.txt. */
export async function* unsnappy(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const window = createWindow(source)
  const crc32c = createCrc32c()
  try {
    for (let chunks = 0; ; chunks++) {
      const head = await window.take(4)
      if (head.length === 0 && chunks > 0) return
      if (head.length < 4) throw cut()
      const type = head[0]!
      const size = head[1]! | (head[2]! << 8) | (head[3]! << 16)
      if (chunks === 0 && type !== 0xff) throw damaged('does not begin with its header')
      if (type >= 0x80 && type !== 0xff) {
        await skip(window, size)
        continue
      }
      if (type > 1 && type !== 0xff) {
        throw fileFault('file.compression', 'The snappy data has a chunk of a kind that is not known.')
      }
      if (size > CHUNK_BYTES * 2) throw damaged('is damaged')
      const body = await takeAll(window, size, 'snappy')
      if (type === 0xff) {
        if (size !== 6 || SNAPPY_MAGIC.slice(4).some((byte, i) => body[i] !== byte))
          throw damaged('is damaged')
        continue
      }
      if (size < 4) throw damaged('is damaged')
      const data = body.subarray(4)
      const plain = type === 0 ? snappyBlock(data, CHUNK_BYTES) : data
      if (!plain || plain.length > CHUNK_BYTES) throw damaged('is damaged')
      const sum = crc32c(plain)
      const masked = (((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0
      if (masked !== new DataView(body.buffer, body.byteOffset).getUint32(0, true)) {
        throw fileFault('file.corrupt', 'The checksum of the snappy data is wrong.')
      }
      if (plain.length > 0) yield plain
    }
  } finally {
    await window.close()
  }
}

/** Decompresses `.snappy` as Hadoop and Spark write it: blocks of chunks, sizes big endian, without a checksum. */
export async function* unsnappyHadoop(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, void> {
  const window = createWindow(source)
  try {
    while (true) {
      const head = await window.take(4)
      if (head.length === 0) return
      if (head.length < 4) throw cut()
      let left = readBig(head)
      if (left > HADOOP_BLOCK_BYTES) throw damaged('is damaged')
      while (left > 0) {
        const size = readBig(await takeAll(window, 4, 'snappy'))
        if (size > HADOOP_BLOCK_BYTES * 1.2) throw damaged('is damaged')
        const plain = snappyBlock(await takeAll(window, size, 'snappy'), left)
        if (!plain || plain.length === 0) throw damaged('is damaged')
        left -= plain.length
        yield plain
      }
    }
  } finally {
    await window.close()
  }
}

async function skip(window: Window, bytes: number): Promise<void> {
  for (let left = bytes; left > 0; ) {
    const part = Math.min(left, 1 << 20)
    await takeAll(window, part, 'snappy')
    left -= part
  }
}

function readBig(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
}

function cut(): Error {
  return fileFault('file.truncated', 'The snappy data ends in the middle.')
}

function damaged(what: string): Error {
  return fileFault('file.corrupt', `The snappy data ${what}.`)
}
