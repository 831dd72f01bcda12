import { crc32 } from 'node:zlib'
import { fileFault } from '../errors.ts'
import { takeAll, type Window } from './window.ts'

/** What the index behind the blocks must say; it is compared by a running checksum, so it takes no memory. */
export interface XzIndex {
  add(unpadded: number, unpacked: number): void
  /** Reads the index (section 4 of the format) behind its first byte; rejects where it says otherwise. Gives its bytes. */
  expect(window: Window): Promise<number>
}

export function createXzIndex(): XzIndex {
  let count = 0
  let sum = 0
  const pair = new Float64Array(2)
  const bytesOfPair = new Uint8Array(pair.buffer)
  const mix = (before: number, unpadded: number, unpacked: number): number => {
    pair[0] = unpadded
    pair[1] = unpacked
    return crc32(bytesOfPair, before)
  }
  return {
    add(unpadded, unpacked) {
      count++
      sum = mix(sum, unpadded, unpacked)
    },
    async expect(window) {
      let size = 1
      let crc = crc32(Uint8Array.of(0))
      const byte = async (): Promise<number> => {
        const taken = await takeAll(window, 1, 'xz')
        crc = crc32(taken, crc)
        size++
        return taken[0] as number
      }
      const number = async (): Promise<number> => {
        let value = 0
        for (let scale = 1; scale < 2 ** 63; scale *= 128) {
          const next = await byte()
          value += (next & 0x7f) * scale
          if (next < 0x80) return value
        }
        throw damaged()
      }
      if ((await number()) !== count) throw damaged()
      let seen = 0
      for (let i = 0; i < count; i++) seen = mix(seen, await number(), await number())
      while ((size & 3) !== 0) if ((await byte()) !== 0) throw damaged()
      const stored = await takeAll(window, 4, 'xz')
      const isSound =
        new DataView(stored.buffer, stored.byteOffset).getUint32(0, true) === crc && seen === sum
      if (!isSound) throw damaged()
      return size + 4
    },
  }
}

function damaged(): Error {
  return fileFault('file.corrupt', 'The index of the xz data is damaged.')
}
