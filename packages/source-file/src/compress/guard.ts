import { fileFault } from '../errors.ts'

/** Output that any ratio may have. */
const FREE_BYTES = 256 * 1024 * 1024
/** Output bytes for one byte of the storage, beyond that. */
const MAX_RATIO = 250

/** A stream that knows how many bytes of the storage stand behind what it gave. */
export interface Measured extends AsyncIterable<Uint8Array> {
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

/** The same bytes under the rule for bombs, `consumed` being those of the storage so far. */
export function measured(source: AsyncIterable<Uint8Array>, consumed: () => number): Measured {
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
