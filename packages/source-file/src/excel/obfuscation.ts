import { excelFault } from './errors.ts'

/**
 * What Excel encrypts with where a workbook is only protected against changes, and tries by itself, [MS-OFFCRYPTO]
 * 2.4.2.3: no one ever typed it.
 */
const DEFAULT_PASSWORD = 'VelvetSweatshop'
/** Its key and verifier, [MS-OFFCRYPTO] 2.3.7.1. */
const DEFAULT_KEY = 0xb359
const DEFAULT_VERIFIER = 0x9a0a

/** What fills the password up, [MS-OFFCRYPTO] 2.3.7.2. */
const PAD = [0xbb, 0xff, 0xff, 0xba, 0xff, 0xff, 0xb9, 0x80, 0x00, 0xbe, 0x0f, 0x00, 0xbf, 0x0f, 0x00]

const FILE_PASS = 0x2f
const BOUND_SHEET = 0x85
const INTERFACE_END = 0xe2
/** Records that are never encrypted, [MS-XLS] 2.2.10: BOF of every version, FilePass, InterfaceHdr and three more. */
const PLAIN = new Set([0x09, 0x209, 0x409, 0x809, FILE_PASS, 0xe1, 0x138, 0x194, 0x195])

/**
 * Takes the obfuscation with the default password off a workbook stream, in place. False when the stream has none;
 * a fault when it is protected by a password that someone chose.
 */
export function takeOffObfuscation(stream: Uint8Array): boolean {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength)
  const pass = findFilePass(view)
  if (pass === undefined) return false
  // BIFF8 says first which kind it is: 0 for obfuscation.
  const size = view.getUint16(pass + 2, true)
  const at = pass + 4 + (size >= 6 ? 2 : 0)
  const isObfuscated = size === 4 || (size === 6 && view.getUint16(pass + 4, true) === 0)
  if (
    !isObfuscated ||
    view.getUint16(at, true) !== DEFAULT_KEY ||
    view.getUint16(at + 2, true) !== DEFAULT_VERIFIER
  ) {
    throw excelFault('file.excel.encrypted', 'The workbook is protected by a password.')
  }
  const keys = keysOf(DEFAULT_PASSWORD, DEFAULT_KEY)
  for (const [type, start, length] of records(view)) {
    if (PLAIN.has(type)) continue
    // The place of a sheet's stream stays readable.
    const first = type === BOUND_SHEET ? 4 : 0
    for (let i = first; i < length; i++) {
      const byte = stream[start + i]! ^ keys[(start + length + i) & 15]!
      stream[start + i] = (byte << 3) | (byte >> 5)
    }
  }
  // Nothing is left to take off: the record becomes one that says nothing.
  view.setUint16(pass, INTERFACE_END, true)
  return true
}

/** Type, start of the data and its length of every record. */
function* records(view: DataView): Generator<readonly [number, number, number], void, void> {
  for (let at = 0; at + 4 <= view.byteLength; ) {
    const length = view.getUint16(at + 2, true)
    const start = at + 4
    if (start + length > view.byteLength) return
    yield [view.getUint16(at, true), start, length]
    at = start + length
  }
}

/** It stands near the start, before anything that is encrypted. */
function findFilePass(view: DataView): number | undefined {
  let count = 0
  for (const [type, start] of records(view)) {
    if (type === FILE_PASS) return start - 4
    if (++count > 20) return undefined
  }
  return undefined
}

/** The 16 bytes that data is combined with, [MS-OFFCRYPTO] 2.3.7.2, CreateXorArray_Method1. */
function keysOf(password: string, key: number): Uint8Array {
  const all = [...Buffer.from(password, 'latin1'), ...PAD].slice(0, 16)
  return Uint8Array.from(all, (byte, i) => {
    const mixed = byte ^ (i % 2 === 0 ? key & 0xff : key >> 8)
    return ((mixed >> 1) | (mixed << 7)) & 0xff
  })
}
