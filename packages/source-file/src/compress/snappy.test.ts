import { isFault } from '@omni/spec'
import fc from 'fast-check'
import { compress, uncompress } from 'snappyjs'
import { describe, expect, it } from 'vitest'
import { createSamples, gather, inPieces } from '../../test/packers.ts'
import { createCrc32c } from './crc32c.ts'
import { detectCompression } from './index.ts'
import { snappyBlock } from './snappy-block.ts'

const crc32c = createCrc32c()

function chunk(type: number, body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([type, body.length, body.length >> 8, body.length >> 16]), body])
}

const START = chunk(0xff, Buffer.from('sNaPpY'))

/** Frames of the framing format; every third chunk is not compressed, and padding is between them. */
function frame(data: Uint8Array): Buffer {
  const parts = [START]
  for (let at = 0, i = 0; at < data.length; at += 65_536, i++) {
    const plain = data.subarray(at, at + 65_536)
    const sum = Buffer.alloc(4)
    const crc = crc32c(plain)
    sum.writeUInt32LE((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0)
    parts.push(chunk(i % 3 === 2 ? 1 : 0, Buffer.concat([sum, i % 3 === 2 ? plain : compress(plain)])))
    if (i % 2 === 0) parts.push(chunk(0xfe, Buffer.alloc(9)), chunk(0x80, Buffer.from('skipped')))
  }
  return Buffer.concat(parts)
}

/** As Hadoop's SnappyCodec writes it. */
function hadoop(data: Uint8Array): Buffer {
  const parts: Buffer[] = []
  const number = (value: number): Buffer => {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(value)
    return bytes
  }
  for (let at = 0; at < data.length; at += 100_000) {
    const block = data.subarray(at, at + 100_000)
    parts.push(number(block.length))
    for (let from = 0; from < block.length; from += 40_000) {
      const packed = Buffer.from(compress(block.subarray(from, from + 40_000)))
      parts.push(number(packed.length), packed)
    }
  }
  return Buffer.concat(parts)
}

async function unpack(bytes: Uint8Array, name: string, piece?: number): Promise<Buffer> {
  return gather(detectCompression(bytes, name)!.decompress(inPieces(bytes, piece)))
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no fault',
    (error: unknown) => (isFault(error) ? error.code : String(error)),
  )

describe('snappy', () => {
  it('has the checksum of RFC 3720', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283)
    expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa)
  })

  it('reads frames and the blocks of Hadoop', async () => {
    for (const [kind, data] of Object.entries(createSamples(300_000))) {
      for (const piece of [1 << 20, 4093]) {
        expect((await unpack(frame(data), 'a.sz', piece)).equals(data), kind).toBe(true)
        expect((await unpack(Buffer.concat([frame(data), frame(data)]), 'a')).length).toBe(data.length * 2)
        if (kind !== 'empty')
          expect((await unpack(hadoop(data), 'a.snappy', piece)).equals(data), kind).toBe(true)
      }
    }
  })

  it('agrees with another decoder on every block, damaged ones too', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), fc.nat(), fc.nat(255), (seed, at, byte) => {
        const data = Buffer.concat([seed, seed.subarray(0, 900), Buffer.alloc(200, byte), seed])
        const packed = new Uint8Array(compress(data))
        expect(Buffer.from(snappyBlock(packed, data.length)!).equals(data)).toBe(true)
        expect(snappyBlock(packed, data.length - 1)).toBeUndefined()
        packed[at % packed.length] = byte
        const ours = snappyBlock(packed, data.length)
        if (ours) expect(Buffer.from(uncompress(packed)).equals(ours)).toBe(true)
      }),
    )
  })

  it('classifies what is cut, damaged, unknown or too much', async () => {
    const packed = frame(Buffer.from('text '.repeat(50_000)))
    for (let length = 11; length < packed.length; length += 997) {
      expect(await codeOf(unpack(packed.subarray(0, length), 'a'))).toMatch(/^(?:file\.truncated|no fault)$/)
    }
    const damaged = Buffer.from(packed)
    damaged[40] = damaged[40]! ^ 1
    expect(await codeOf(unpack(damaged, 'a'))).toBe('file.corrupt')
    expect(await codeOf(unpack(Buffer.concat([START, chunk(2, Buffer.alloc(3))]), 'a'))).toBe(
      'file.compression',
    )
    expect(await codeOf(unpack(hadoop(Buffer.alloc(9)).subarray(0, -1), 'a.snappy'))).toBe('file.truncated')
    expect(await codeOf(unpack(Buffer.from('plain text'), 'a.snappy'))).toBe('file.corrupt')
  })
})
