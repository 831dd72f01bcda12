import { crc32 } from 'node:zlib'
import { fileFault } from '../errors.ts'
import { expectDictionary } from './lzma-file.ts'
import { unpackLzma2 } from './lzma2.ts'
import { createWindow, takeAll, type Window } from './window.ts'
import { createXzChecks, type XzCheck } from './xz-check.ts'
import { createXzIndex, type XzIndex } from './xz-index.ts'

const MAGIC = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00] as const
/** Ids of filters, section 5.3 of the format. */
const LZMA2 = 0x21n
const DELTA = 0x03n

/** Decompresses .xz files of one stream or many, with padding between; format 1.2.1, https://tukaani.org/xz/xz-file-format.txt. */
export async function* unxz(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const counted = countTaken(createWindow(source))
  try {
    for (let streams = 0; ; streams++) {
      if (streams > 0 && !(await skipPadding(counted))) return
      yield* unpackStream(counted, streams > 0)
    }
  } finally {
    await counted.close()
  }
}

/** A window that counts what was taken, for sizes and alignments. */
interface CountedWindow extends Window {
  readonly taken: number
}

function countTaken(window: Window): CountedWindow {
  let taken = 0
  return {
    get taken() {
      return taken
    },
    get last() {
      return window.last
    },
    peek: (bytes) => window.peek(bytes),
    async take(bytes) {
      const part = await window.take(bytes)
      taken += part.length
      return part
    },
    async some(bytes) {
      const part = await window.some(bytes)
      taken += part.length
      return part
    },
    rest: () => window.rest(),
    close: () => window.close(),
  }
}

/** Zeros in fours, section 2.2; true when another stream follows. */
async function skipPadding(window: Window): Promise<boolean> {
  for (let zeros = 0; ; ) {
    const part = await window.peek(4)
    const isPadding = part.every((byte) => byte === 0)
    if (part.length === 0) return false
    if (part.length < 4 && isPadding)
      throw fileFault('file.corrupt', 'The padding after the xz data is damaged.')
    if (!isPadding) {
      if (MAGIC.slice(0, part.length).every((byte, i) => part[i] === byte)) return true
      throw fileFault(
        'file.trailing',
        `Something else follows the end of the xz data${zeros ? ' and its padding' : ''}.`,
      )
    }
    await window.take(4)
    zeros += 4
  }
}

async function* unpackStream(
  window: CountedWindow,
  isLater: boolean,
): AsyncGenerator<Uint8Array, void, void> {
  const header = await takeAll(window, 12, 'xz')
  const flags = header.slice(6, 8)
  if (!MAGIC.every((byte, i) => header[i] === byte)) {
    throw isLater
      ? fileFault('file.trailing', 'Something else follows the end of the xz data.')
      : fileFault('file.corrupt', 'The xz data does not begin with its header.')
  }
  if (readU32(header, 8) !== crc32(flags)) throw damaged()
  if (flags[0] !== 0 || flags[1]! > 15) {
    throw fileFault('file.compression', 'The xz data is of a later version of the format.')
  }
  const createCheck = createXzChecks(flags[1]!)
  const index = createXzIndex()
  while (true) {
    const size = (await takeAll(window, 1, 'xz'))[0]!
    if (size === 0) break
    yield* unpackBlock(window, size, createCheck(), index)
  }
  const indexBytes = await index.expect(window)
  const footer = await takeAll(window, 12, 'xz')
  const isSound =
    footer[10] === 0x59 &&
    footer[11] === 0x5a &&
    readU32(footer, 0) === crc32(footer.subarray(4, 10)) &&
    (readU32(footer, 4) + 1) * 4 === indexBytes &&
    footer[8] === flags[0] &&
    footer[9] === flags[1]
  if (!isSound) throw damaged()
}

async function* unpackBlock(
  window: CountedWindow,
  sizeByte: number,
  check: XzCheck,
  index: XzIndex,
): AsyncGenerator<Uint8Array, void, void> {
  const start = window.taken - 1
  // A copy, since the filters are needed after the next take.
  const rest = Uint8Array.from(await takeAll(window, (sizeByte + 1) * 4 - 1, 'xz'))
  if (readU32(rest, rest.length - 4) !== crc32(rest.subarray(0, -4), crc32(Uint8Array.of(sizeByte)))) {
    throw damaged()
  }
  const header = readBlockHeader(rest.subarray(0, -4))
  const dataStart = window.taken
  const distance = header.delta
  const history = new Uint8Array(distance)
  let written = 0
  for await (const piece of unpackLzma2(window, header.dictionary)) {
    const plain = distance > 0 ? undoDelta(piece, history, written) : piece
    written += plain.length
    check.update(plain)
    yield plain
  }
  const packed = window.taken - dataStart
  if (header.packed !== undefined && header.packed !== packed) throw damaged()
  if (header.unpacked !== undefined && header.unpacked !== written) throw damaged()
  const padding = await takeAll(window, -packed & 3, 'xz')
  if (padding.some((byte) => byte !== 0)) throw damaged()
  const unpadded = window.taken - padding.length - start + check.bytes
  const stored = await takeAll(window, check.bytes, 'xz')
  const sum = check.digest()
  if (sum.some((byte, i) => byte !== stored[i])) {
    throw fileFault('file.corrupt', 'The checksum of the xz data is wrong.')
  }
  index.add(unpadded, written)
}

interface BlockHeader {
  readonly packed: number | undefined
  readonly unpacked: number | undefined
  readonly dictionary: number
  /** Distance of the delta filter, or 0 without one. */
  readonly delta: number
}

/** Section 3.1, without the size before it and the checksum behind it. */
function readBlockHeader(bytes: Uint8Array): BlockHeader {
  let at = 1
  const flags = bytes[0]!
  if ((flags & 0x3c) !== 0)
    throw fileFault('file.compression', 'The xz data is of a later version of the format.')
  const number = (): bigint => {
    let value = 0n
    for (let shift = 0n; shift < 63n; shift += 7n) {
      const byte = bytes[at++]
      if (byte === undefined || (byte === 0 && shift > 0n)) throw damaged()
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
    throw damaged()
  }
  const packed = (flags & 0x40) !== 0 ? Number(number()) : undefined
  const unpacked = (flags & 0x80) !== 0 ? Number(number()) : undefined
  let dictionary: number | undefined
  let delta = 0
  for (let left = (flags & 3) + 1; left > 0; left--) {
    const id = number()
    const size = Number(number())
    const properties = bytes.subarray(at, at + size)
    at += size
    if (properties.length < size) throw damaged()
    if (id === LZMA2 && left === 1) {
      if (size !== 1 || properties[0]! > 40) throw damaged()
      dictionary = dictionaryOf(properties[0]!)
    } else if (id === DELTA && left > 1 && delta === 0) {
      if (size !== 1) throw damaged()
      delta = properties[0]! + 1
    } else {
      throw fileFault('file.compression', 'The xz data has a filter for programs (BCJ), which is not read.')
    }
  }
  if (dictionary === undefined || bytes.subarray(at).some((byte) => byte !== 0)) throw damaged()
  // A block needs no dictionary larger than itself.
  const needed = Math.min(dictionary, unpacked ?? dictionary)
  expectDictionary(needed, 'xz')
  return { packed, unpacked, dictionary: needed, delta }
}

/** 2 or 3 times a power of two, section 5.3.1. */
function dictionaryOf(bits: number): number {
  return bits === 40 ? 0xffff_ffff : (2 | (bits & 1)) * 2 ** ((bits >> 1) + 11)
}

/** Section 5.3.3: each byte is the difference to the one `history.length` before it. */
function undoDelta(piece: Uint8Array, history: Uint8Array, before: number): Uint8Array {
  const plain = Uint8Array.from(piece)
  for (let i = 0; i < plain.length; i++) {
    const slot = (before + i) % history.length
    plain[i] = history[slot] = (plain[i]! + history[slot]!) & 0xff
  }
  return plain
}

function readU32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true)
}

function damaged(): Error {
  return fileFault('file.corrupt', 'The xz data is damaged.')
}
