import { spawnSync } from 'node:child_process'
import { isFault } from '@omni/spec'
import { describe, expect, it } from 'vitest'
import { createSamples, gather, hasTool, inPieces } from '../../test/packers.ts'
import { detectCompression } from './index.ts'

/** As compress(1) writes it, with a clear code now and then. */
function pack(data: Uint8Array, maxBits: number, clearEvery: number): Buffer {
  const output: number[] = [0x1f, 0x9d, 0x80 | maxBits]
  let table = new Map<number, number>()
  let free = 257
  let bits = 9
  let group: number[] = []
  const flush = (isEnd = false): void => {
    if (group.length === 0) return
    let value = 0n
    group.forEach((code, i) => {
      value |= BigInt(code) << BigInt(i * bits)
    })
    const bytes = isEnd ? Math.ceil((group.length * bits) / 8) : bits
    for (let i = 0; i < bytes; i++) output.push(Number((value >> BigInt(8 * i)) & 255n))
    group = []
  }
  const put = (code: number, clears = false): void => {
    group.push(code)
    if (group.length === 8) flush()
    if (clears) {
      flush()
      bits = 9
      free = 257
      table = new Map()
    } else if (free > (1 << bits) - 1 && (bits < maxBits || bits === 9)) {
      flush()
      bits++
    }
  }
  let before = -1
  data.forEach((byte, i) => {
    const known = table.get(before * 256 + byte)
    if (before >= 0 && known === undefined) {
      put(before)
      if (free < 1 << maxBits) table.set(before * 256 + byte, free++)
      before = byte
    } else before = before < 0 ? byte : known!
    if (i % clearEvery === clearEvery - 1) {
      put(before)
      before = -1
      put(256, true)
    }
  })
  if (before >= 0) put(before)
  flush(true)
  return Buffer.from(output)
}

const unpack = (bytes: Uint8Array, piece?: number): Promise<Buffer> =>
  gather(detectCompression(bytes, 'a')!.decompress(inPieces(bytes, piece)))

describe('compress (.Z)', () => {
  it('gives what gzip gives, with every width and with clear codes', async (ctx) => {
    if (!hasTool('gzip')) return ctx.skip('there is no gzip program')
    for (const [kind, data] of Object.entries(createSamples(60_000))) {
      for (const maxBits of [9, 10, 12, 16]) {
        for (const clearEvery of [7001, 1e9]) {
          const packed = pack(data, maxBits, clearEvery)
          const { stdout, status } = spawnSync('gzip', ['-dc'], { input: packed, maxBuffer: 1 << 28 })
          // Only what gzip reads back is a file as compress(1) writes it.
          expect([status, stdout.equals(data)], `${kind} ${maxBits} ${clearEvery}`).toEqual([0, true])
          expect((await unpack(packed, 1009)).equals(data), `${kind} ${maxBits} ${clearEvery}`).toBe(true)
        }
      }
    }
  })

  it('refuses codes that cannot be', async () => {
    for (const bytes of [
      [0x1f, 0x9d, 0x90, 0xff, 0xff, 0xff],
      [0x1f, 0x9d, 0x88, 0x41, 0x00],
      [0x1f, 0x9d, 0xf0, 0x41, 0x00],
    ]) {
      const error = await unpack(Buffer.from(bytes)).catch((reason: unknown) => reason)
      expect(isFault(error) && error.code).toBe('file.corrupt')
    }
  })
})
