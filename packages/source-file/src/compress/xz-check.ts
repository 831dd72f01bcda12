import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'

/** An integrity check of the data of one block. */
export interface XzCheck {
  readonly bytes: number
  update(data: Uint8Array): void
  /** As it is stored behind the block. */
  digest(): Uint8Array
}

/** Sizes of the checks by their id, section 2.1.1.2 of the .xz format 1.2.1. */
const SIZES = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64] as const

/** Makes the checks of a stream. Ids that nobody defined are not checked, as the tool does. */
export function createXzChecks(id: number): () => XzCheck {
  if (id === 1) return createCrc32
  if (id === 4) {
    const tables = createCrc64Tables()
    return () => createCrc64(tables)
  }
  if (id === 10) return createSha256
  return () => ({ bytes: SIZES[id] as number, update: () => undefined, digest: () => new Uint8Array(0) })
}

function createCrc32(): XzCheck {
  let sum = 0
  return {
    bytes: 4,
    update(data) {
      sum = crc32(data, sum)
    },
    digest() {
      const bytes = Buffer.alloc(4)
      bytes.writeUInt32LE(sum)
      return bytes
    },
  }
}

function createSha256(): XzCheck {
  const hash = createHash('sha256')
  return { bytes: 32, update: (data) => void hash.update(data), digest: () => hash.digest() }
}

/** CRC-64/XZ as two halves, and four tables of 256 so that four bytes go at once. */
interface Crc64Tables {
  readonly low: Int32Array
  readonly high: Int32Array
}

function createCrc64Tables(): Crc64Tables {
  const low = new Int32Array(1024)
  const high = new Int32Array(1024)
  for (let byte = 0; byte < 256; byte++) {
    let l = byte
    let h = 0
    for (let bit = 0; bit < 8; bit++) {
      const isOdd = (l & 1) !== 0
      l = (l >>> 1) | (h << 31)
      h >>>= 1
      if (isOdd) {
        l ^= 0xd7870f42
        h ^= 0xc96c5795
      }
    }
    low[byte] = l
    high[byte] = h
  }
  for (let i = 256; i < 1024; i++) {
    const l = low[i - 256]!
    const h = high[i - 256]!
    low[i] = ((l >>> 8) | (h << 24)) ^ low[l & 255]!
    high[i] = (h >>> 8) ^ high[l & 255]!
  }
  return { low, high }
}

function createCrc64({ low, high }: Crc64Tables): XzCheck {
  let l = -1
  let h = -1
  return {
    bytes: 8,
    update(data) {
      let at = 0
      let a = l
      let b = h
      for (const end = data.length - 3; at < end; at += 4) {
        const x = a ^ (data[at]! | (data[at + 1]! << 8) | (data[at + 2]! << 16) | (data[at + 3]! << 24))
        const i = 768 + (x & 255)
        const j = 512 + ((x >>> 8) & 255)
        const k = 256 + ((x >>> 16) & 255)
        const m = x >>> 24
        a = b ^ low[i]! ^ low[j]! ^ low[k]! ^ low[m]!
        b = high[i]! ^ high[j]! ^ high[k]! ^ high[m]!
      }
      for (; at < data.length; at++) {
        const i = (a ^ data[at]!) & 255
        a = ((a >>> 8) | (b << 24)) ^ low[i]!
        b = (b >>> 8) ^ high[i]!
      }
      l = a
      h = b
    },
    digest() {
      const bytes = Buffer.alloc(8)
      bytes.writeInt32LE(~l)
      bytes.writeInt32LE(~h, 4)
      return bytes
    },
  }
}
