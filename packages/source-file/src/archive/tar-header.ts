import { fileFault } from '../errors.ts'

/** Bytes of a header, and the unit of everything in a tar archive. */
export const TAR_BLOCK = 512

/** A header block, as it stands. POSIX.1-1988 ustar, v7 and GNU: https://www.gnu.org/software/tar/manual/html_node/Standard.html */
export interface TarHeader {
  readonly name: string
  readonly size: number
  readonly modifiedMs: number | undefined
  /** The type flag, as a character; v7's NUL is `0`. */
  readonly type: string
}

/** True for 512 bytes with the checksum of a tar header; old programs summed signed bytes. */
export function isTarHeader(block: Uint8Array): boolean {
  if (block.length < TAR_BLOCK) return false
  const said = readOctal(block.subarray(148, 156))
  if (said === undefined || said === 0) return false
  let unsigned = 8 * 0x20
  let signed = unsigned
  for (let i = 0; i < TAR_BLOCK; i++) {
    if (i >= 148 && i < 156) continue
    const byte = block[i] as number
    unsigned += byte
    signed += byte > 127 ? byte - 256 : byte
  }
  return said === unsigned || said === signed
}

export function readTarHeader(block: Uint8Array): TarHeader {
  const size = readNumber(block.subarray(124, 136))
  if (size === undefined || size < 0) {
    throw fileFault('file.tar.corrupt', 'A header of the tar archive has no size.')
  }
  const seconds = readNumber(block.subarray(136, 148))
  // GNU's magic ends in spaces, and what POSIX uses for the prefix holds other things there.
  const isPosix = Buffer.from(block.subarray(257, 263)).toString('latin1') === 'ustar\0'
  const prefix = isPosix ? readText(block.subarray(345, 500)) : ''
  const name = readText(block.subarray(0, 100))
  const flag = String.fromCharCode(block[156] as number)
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    size,
    modifiedMs: seconds === undefined ? undefined : seconds * 1000,
    type: flag === '\0' ? '0' : flag,
  }
}

/** A number in octal, or in base 256 where the first bit is set (GNU); undefined where it is neither or too large. */
function readNumber(field: Uint8Array): number | undefined {
  const first = field[0] as number
  if ((first & 0x80) === 0) return readOctal(field)
  // Two's complement, of which the first bit is the mark.
  let value = BigInt.asIntN(7, BigInt(first & 0x7f))
  for (const byte of field.subarray(1)) value = (value << 8n) | BigInt(byte)
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : undefined
}

function readOctal(field: Uint8Array): number | undefined {
  const text = Buffer.from(field).toString('latin1').replace(/\0.*$/s, '').trim()
  if (text === '') return 0
  return /^[0-7]{1,12}$/.test(text) ? Number.parseInt(text, 8) : undefined
}

function readText(field: Uint8Array): string {
  const end = field.indexOf(0)
  return decodeName(end < 0 ? field : field.subarray(0, end))
}

/** A name as UTF-8; one that is not, byte by byte. */
export function decodeName(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return Buffer.from(bytes).toString('latin1')
  }
}

/** Records of an extended header (POSIX.1-2001 pax): `length name=value`, and a line end. */
export function readPax(bytes: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const records = new Map<string, Uint8Array>()
  for (let at = 0; at < bytes.length && bytes[at] !== 0; ) {
    const space = bytes.indexOf(0x20, at)
    const digits = Buffer.from(bytes.subarray(at, space < 0 ? at : space)).toString('latin1')
    const length = /^\d{1,9}$/.test(digits) ? Number(digits) : 0
    const end = at + length
    const equals = bytes.indexOf(0x3d, space)
    const isSound =
      length > 0 && end <= bytes.length && equals > space && equals < end && bytes[end - 1] === 0x0a
    if (!isSound) throw fileFault('file.tar.corrupt', 'An extended header of the tar archive is damaged.')
    records.set(
      Buffer.from(bytes.subarray(space + 1, equals)).toString('utf8'),
      bytes.slice(equals + 1, end - 1),
    )
    at = end
  }
  return records
}
