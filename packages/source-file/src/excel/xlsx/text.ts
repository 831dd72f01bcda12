import { excelFault } from '../errors.ts'
import type { XmlScanner } from './scanner.ts'

const AMPERSAND = 0x26
const RETURN = 0x0d
const UNDERSCORE = 0x5f

/** The references that need no declaration, XML 1.0 section 4.6. */
const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

/** The value of an attribute as text. */
export function attribute(scanner: XmlScanner, name: string): string | undefined {
  const at = scanner.find(name)
  if (at < 0) return undefined
  return decode(scanner.buffer, scanner.ranges[at + 2]!, scanner.ranges[at + 3]!)
}

/** The value of an attribute as a whole number, or undefined where there is none. */
export function numberAttribute(scanner: XmlScanner, name: string): number | undefined {
  const text = attribute(scanner, name)
  return text !== undefined && /^\s*\d{1,9}\s*$/.test(text) ? Number(text) : undefined
}

/** An `xsd:boolean` attribute. */
export function flagAttribute(scanner: XmlScanner, name: string, absent = false): boolean {
  const text = attribute(scanner, name)
  return text === undefined ? absent : text === '1' || text === 'true'
}

/** Text between tags, with references resolved and line ends as XML has them (section 2.11). */
export function decode(buffer: Uint8Array, start: number, end: number, isLiteral = false): string {
  const text = latin1OrUtf8(buffer, start, end).replace(/\r\n?/g, '\n')
  return isLiteral || !text.includes('&') ? text : text.replace(/&([^;&]{0,10};?)/g, resolve)
}

function resolve(_all: string, name: string): string {
  const inner = name.endsWith(';') ? name.slice(0, -1) : ''
  const named = NAMED[inner]
  if (named !== undefined) return named
  const code = /^#(?:(\d{1,7})|x([0-9a-fA-F]{1,6}))$/.exec(inner)
  const point = code ? (code[1] === undefined ? Number.parseInt(code[2]!, 16) : Number(code[1])) : -1
  if (point <= 0 || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) {
    throw excelFault('file.excel.entities', 'An XML part refers to an entity or character that there is not.')
  }
  return String.fromCodePoint(point)
}

function latin1OrUtf8(buffer: Uint8Array, start: number, end: number): string {
  return Buffer.from(buffer.buffer, buffer.byteOffset + start, end - start).toString('utf8')
}

/**
 * `_x000A_` stands for a character that XML cannot hold (ECMA-376 part 1, 22.9.2.19 ST_Xstring). What would be half
 * of a character is left as it is.
 */
export function unescapeText(text: string): string {
  const plain = text.replace(/_x([0-9a-fA-F]{4})_/g, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return plain.isWellFormed() ? plain : text
}

/** True when the bytes are the value as it is: no reference, no escape, no carriage return. */
export function isPlain(buffer: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const byte = buffer[i]!
    if (byte === AMPERSAND || byte === UNDERSCORE || byte === RETURN) return false
  }
  return true
}
