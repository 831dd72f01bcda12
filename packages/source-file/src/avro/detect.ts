import type { Head } from '../format.ts'

/** `Obj` and the version: 1, or 0 before Avro 1.3. */
export function detectAvro({ bytes }: Head): number {
  return bytes[0] === 0x4f && bytes[1] === 0x62 && bytes[2] === 0x6a && (bytes[3] ?? 2) < 2 ? 1 : 0
}
