import { hybrid } from './hybrid-twin.ts'
import {
  DICTIONARY_BYTES,
  DICTIONARY_VALUES,
  indexBits,
  isWorth,
  type PageBlock,
  type PageDictionary,
  type PageEncoder,
  type PageShape,
  plainBytes,
  plainWidth,
  SAMPLE_DISTINCT,
  SAMPLE_VALUES,
} from './pages.ts'

/** The encoder in plain TypeScript. */
export function createPageEncoderTwin(): PageEncoder {
  return {
    encode(blocks, shape) {
      const plain: Buffer[] = []
      for (const block of blocks) {
        const written = writePlain(block, shape)
        if (!written) return null
        plain.push(written)
      }
      const dictionary = findDictionary(blocks, plain, plainWidth(shape))
      return dictionary ? { dictionary, plain: null } : { dictionary, plain }
    },
    hybrid,
  }
}

function writePlain(block: PageBlock, shape: PageShape): Buffer | null {
  const { values, offsets, index, present } = block
  const out = Buffer.alloc(plainBytes(block, shape))
  let to = 0
  for (let i = 0; i < present; i++) {
    const at = index ? index[i]! : i
    if (shape.kind === 'bytes') {
      const [start, end] = [offsets![at]!, offsets![at + 1]!]
      to = out.writeUInt32LE(end - start, to)
      out.set(values.subarray(start, end), to)
      to += end - start
      continue
    }
    const value = values.subarray(at * shape.width, (at + 1) * shape.width)
    const size = plainWidth(shape)
    const held = Math.min(size, shape.width)
    const sign = value[held - 1]! & 0x80 ? 0xff : 0
    if (value.subarray(held).some((byte) => byte !== sign)) return null
    const written = out.subarray(to, to + size).fill(sign)
    written.set(value.subarray(0, held))
    if (shape.kind === 'decimal' && shape.isBig) written.reverse()
    to += size
  }
  return out
}

function findDictionary(
  blocks: readonly PageBlock[],
  plain: readonly Buffer[],
  width: number,
): PageDictionary | null {
  const known = new Map<string, number>()
  const texts: string[] = []
  let bytes = 0
  let seen = 0
  const places: Int32Array[] = []
  for (const [b, { present }] of blocks.entries()) {
    const encoded = plain[b]!
    const text = encoded.toString('latin1')
    const found = new Int32Array(present)
    let at = 0
    for (let i = 0; i < present; i++, seen++) {
      if (seen === SAMPLE_VALUES && known.size > SAMPLE_DISTINCT) return null
      const size = width === 0 ? 4 + encoded.readUInt32LE(at) : width
      const value = text.slice(at, at + size)
      at += size
      let place = known.get(value)
      if (place === undefined) {
        if (known.size === DICTIONARY_VALUES || bytes + size > DICTIONARY_BYTES) return null
        place = known.size
        known.set(value, place)
        texts.push(value)
        bytes += size
      }
      found[i] = place
    }
    places.push(found)
  }
  if (seen === SAMPLE_VALUES && known.size > SAMPLE_DISTINCT) return null
  const size = known.size
  if (!isWorth(size, seen)) return null
  const bitWidth = indexBits(size - 1)
  const indices = places.map((found) => hybrid(found, found.length, bitWidth))
  return { size, plain: Buffer.from(texts.join(''), 'latin1'), bitWidth, indices }
}
