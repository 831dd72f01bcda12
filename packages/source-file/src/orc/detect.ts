import type { Head } from '../format.ts'

/** How surely a head is ORC. Three letters may begin a text; the end of the file, or a byte that no text has, tells. */
export function detectOrc({ bytes, complete }: Head, fileName: string): number {
  const magic = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (magic.subarray(0, 3).toString('latin1') !== 'ORC') return 0
  const tail = magic.subarray(-4, -1).toString('latin1')
  return (complete && tail === 'ORC') || magic.includes(0) || /\.orc$/i.test(fileName) ? 1 : 0
}
