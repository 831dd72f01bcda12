import { brotliCompressSync, constants, deflateRawSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBrotli, decodeDeflate, decodeLzo, decodeZstd } from './index.ts'

/** Bytes with and without repetitions. */
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 2000 }),
  fc
    .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 60 })), {
      maxLength: 30,
    })
    .map((runs) => Buffer.concat(runs.flatMap(([part, times]) => Array.from({ length: times }, () => part)))),
)

describe('block codecs', () => {
  it('give back what others packed, and never more than they may', () => {
    fc.assert(
      fc.property(bytes, (data) => {
        const packed = [
          [decodeDeflate, deflateRawSync(data)],
          [decodeZstd, zstdCompressSync(data)],
          [decodeBrotli, brotliCompressSync(data, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } })],
        ] as const
        for (const [decode, block] of packed) {
          const out = decode(block, data.length)
          expect(out && Buffer.from(out).equals(data)).toBe(true)
          if (data.length > 1) expect(decode(block, data.length - 1)).toBeUndefined()
        }
      }),
      { numRuns: 300 },
    )
  })

  it('refuse damage without a crash', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (block) => {
        for (const decode of [decodeLzo, decodeZstd, decodeDeflate, decodeBrotli]) {
          expect((decode(block, 10_000) ?? []).length).toBeLessThanOrEqual(10_000)
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('decode every zstd frame and pass over skippable ones, and refuse what follows', () => {
    const skippable = Buffer.from('502a4d1803000000aabbcc', 'hex')
    const frames = ['one', 'two'].map((text) =>
      zstdCompressSync(Buffer.from(text), { params: { [constants.ZSTD_c_checksumFlag]: 1 } }),
    )
    const joined = Buffer.concat([skippable, ...frames])
    expect(Buffer.from(decodeZstd(joined, 100) as Uint8Array).toString()).toBe('onetwo')
    expect(decodeZstd(Buffer.concat([joined, Buffer.of(1)]), 100)).toBeUndefined()
    expect(decodeZstd(joined.subarray(0, -1), 100)).toBeUndefined()
  })

  it('decode LZO: literals, matches near and far, and the end', () => {
    // "abcabcabcabc" then the end: 4 literals as 17 + 4, a match of distance 3, and 11 00 00.
    const block = Buffer.from([17 + 4, 0x61, 0x62, 0x63, 0x61, 0b111_010_00, 0, 0x11, 0, 0])
    expect(Buffer.from(decodeLzo(block, 100) as Uint8Array).toString()).toBe('abcabcabcabc')
    expect(decodeLzo(block.subarray(0, 8), 100)).toBeUndefined()
    expect(decodeLzo(block, 11)).toBeUndefined()
  })
})
