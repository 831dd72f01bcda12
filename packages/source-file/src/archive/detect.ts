/** True for a file that begins like a zip archive, an empty one included. */
export function isZip(head: Uint8Array): boolean {
  const [p, k, a, b] = head
  return p === 0x50 && k === 0x4b && ((a === 3 && b === 4) || (a === 5 && b === 6) || (a === 7 && b === 8))
}

/** True for a file that begins with a tar header (POSIX.1-1988 ustar or older), by its checksum. */
export function isTar(head: Uint8Array): boolean {
  if (head.length < 512 || head[0] === 0) return false
  const said = Number.parseInt(
    Buffer.from(head.subarray(148, 156))
      .toString('latin1')
      .replace(/[\0 ].*$/s, '')
      .trim(),
    8,
  )
  let sum = 8 * 0x20
  for (let i = 0; i < 512; i++) if (i < 148 || i >= 156) sum += head[i] as number
  return sum === said
}
