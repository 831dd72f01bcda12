/** CRC-32C (Castagnoli, RFC 3720 B.4), four bytes at a time. */
export function createCrc32c(): (bytes: Uint8Array) => number {
  const table = new Int32Array(1024)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) !== 0 ? 0x82f63b78 : 0)
    table[byte] = crc
  }
  for (let i = 256; i < 1024; i++) table[i] = (table[i - 256]! >>> 8) ^ table[table[i - 256]! & 255]!
  return (bytes) => {
    let crc = -1
    let at = 0
    for (const end = bytes.length - 3; at < end; at += 4) {
      crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
      crc =
        table[768 + (crc & 255)]! ^
        table[512 + ((crc >>> 8) & 255)]! ^
        table[256 + ((crc >>> 16) & 255)]! ^
        table[crc >>> 24]!
    }
    for (; at < bytes.length; at++) crc = (crc >>> 8) ^ table[(crc ^ bytes[at]!) & 255]!
    return ~crc >>> 0
  }
}
