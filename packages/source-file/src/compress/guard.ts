import { fileFault } from '../errors.ts'

/** Output that any ratio may have. */
const FREE_BYTES = 256 * 1024 * 1024
/** Output bytes for one byte of the storage, beyond that. */
const MAX_RATIO = 250

/** A stream that knows how many bytes of the storage stand behind what it gave. */
interface Measured extends AsyncIterable<Uint8Array> {
  readonly consumed: () => number
}

/**
 * Decompresses under the rule for bombs. Where the source is such a stream itself, its bytes of the storage count: so
 * the ratios of layers inside each other are multiplied.
 */
export function unpackMeasured(
  source: AsyncIterable<Uint8Array> | Measured,
  decompress: (source: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>,
): Measured {
  if ('consumed' in source) return measured(guardRatio(decompress(source), source.consumed), source.consumed)
  let taken = 0
  async function* counted(): AsyncGenerator<Uint8Array, void, void> {
    for await (const piece of source) {
      taken += piece.length
      yield piece
    }
  }
  const consumed = (): number => taken
  return measured(guardRatio(decompress(counted()), consumed), consumed)
}

/** A stream, and how many bytes of it one byte of the storage makes; 1 until it was read, and where it is not packed. */
interface Metered {
  readonly open: () => AsyncIterable<Uint8Array>
  readonly ratio: () => number
}

/** Measures a stream that is read for what is inside it. */
export function meter(open: () => AsyncIterable<Uint8Array> | Measured): Metered {
  let ratio = 1
  return {
    ratio: () => ratio,
    async *open() {
      const source = open()
      let bytes = 0
      for await (const piece of source) {
        bytes += piece.length
        if ('consumed' in source) ratio = Math.max(1, bytes / Math.max(1, source.consumed()))
        yield piece
      }
    },
  }
}

/** The bytes of a file inside an archive under the rule for bombs; `packedBytes` of the storage stand behind it. */
export function unpackMember(source: AsyncIterable<Uint8Array>, packedBytes: number): Measured {
  const consumed = (): number => packedBytes
  return measured(guardRatio(source, consumed), consumed)
}

function measured(source: AsyncIterable<Uint8Array>, consumed: () => number): Measured {
  return { consumed, [Symbol.asyncIterator]: () => source[Symbol.asyncIterator]() }
}

/** Ends a decompression that grows without measure with a fault; `consumed` gives the input bytes so far. */
export async function* guardRatio(
  output: AsyncIterable<Uint8Array>,
  consumed: () => number,
): AsyncGenerator<Uint8Array, void, void> {
  let produced = 0
  for await (const piece of output) {
    produced += piece.length
    if (produced > FREE_BYTES && produced > consumed() * MAX_RATIO) {
      const why = `The file unpacks to more than ${MAX_RATIO} times its size (${produced} bytes so far).`
      throw fileFault('file.bomb', why)
    }
    yield piece
  }
}
