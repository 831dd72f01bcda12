import { isTarHeader } from './tar-header.ts'

/** True for a file that begins like a zip archive, an empty one included. */
export function isZip(head: Uint8Array): boolean {
  const [p, k, a, b] = head
  return p === 0x50 && k === 0x4b && ((a === 3 && b === 4) || (a === 5 && b === 6) || (a === 7 && b === 8))
}

/** True for a file that begins with a tar header (POSIX.1-1988 ustar or older), by its checksum. */
export function isTar(head: Uint8Array): boolean {
  return head[0] !== 0 && isTarHeader(head)
}
