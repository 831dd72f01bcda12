import type { Kernels } from './kernels.ts'

/** The specification of `sweep`: a table look-up for every byte. */
export const sweep: Kernels['sweep'] = (bytes, from, to, byteClass) => {
  const positions: number[] = []
  for (let i = from; i < to; i++) if (byteClass[bytes[i]!] !== 0) positions.push(i - from)
  return Uint32Array.from(positions)
}

/** The specification of `indexCsv`. */
export const indexCsv: Kernels['indexCsv'] = (bytes, from, to, delimiter, quote) => {
  const positions: number[] = []
  for (let i = from; i < to; i++) {
    const byte = bytes[i]
    if (byte === delimiter || byte === quote || byte === 10 || byte === 13) positions.push(i - from)
  }
  return Uint32Array.from(positions)
}
