import { fileFault } from '../errors.ts'
import { MAX_DEPTH, MAX_RECORD_BYTES } from './problem.ts'

/** A place in the document, both from the start of the decompressed file. */
export interface Place {
  readonly offset: number
  /** From 1. */
  readonly line: number
  /** Byte offset of the line's first byte. */
  readonly lineStart: number
}

/** One value cut out of the document, not parsed yet. */
export interface Captured {
  readonly bytes: Buffer
  readonly at: Place
  /** Names of objects inside, repeated ones counted. */
  readonly names: number
  /** True when a number may be one that a double cannot hold. */
  readonly exact: boolean
}

/** What the value begins with decides how its end is found. */
type Kind = 'string' | 'scalar' | 'container'

/** Finds the end of one value that begins in one piece and may end in a later one. Its parse is someone else's. */
export interface Capture {
  /** Takes bytes from `from`; returns the index after the value, or -1 when it goes on in the next piece. */
  take(piece: Buffer, from: number): number
  finish(): Captured
  /** True for a number or word, which only the end of the file may close. */
  readonly isScalar: boolean
  /** Line feeds inside, and the place of the byte after the last. */
  readonly lines: { readonly count: number; readonly lastStart: number }
}

const SAFE_DIGITS = 15

/** Starts to capture at `at`; `firstByte` is the byte there, which `take` sees again. */
export function createCapture(firstByte: number, at: Place, outerDepth: number): Capture {
  const kind: Kind =
    firstByte === 0x22 ? 'string' : firstByte === 0x7b || firstByte === 0x5b ? 'container' : 'scalar'
  const parts: Buffer[] = []
  let size = 0
  let depth = 0
  let isInString = false
  let isEscaped = false
  let names = 0
  let run = 0
  let exact = kind === 'scalar'
  let lineCount = 0
  let lastStart = at.lineStart

  const takeContainer = (piece: Buffer, from: number): number => {
    const base = at.offset + size - from
    for (let i = from; i < piece.length; i++) {
      const byte = piece[i] as number
      if (isInString) {
        if (isEscaped) isEscaped = false
        else if (byte === 0x5c) isEscaped = true
        else if (byte === 0x22) isInString = false
        continue
      }
      // Digits and the point; 0x2f is the slash, which no JSON has here.
      if (byte >= 0x2e && byte <= 0x39) {
        if (++run > SAFE_DIGITS) exact = true
        continue
      }
      if ((byte | 0x20) === 0x65 && run > 0) exact = true
      run = 0
      if (byte === 0x22) isInString = true
      else if (byte === 0x3a) names++
      else if (byte === 0x7b || byte === 0x5b) {
        if (++depth + outerDepth > MAX_DEPTH) throw tooDeep(base + i)
      } else if (byte === 0x7d || byte === 0x5d) {
        if (--depth === 0) return i + 1
      } else if (byte === 0x0a) {
        lineCount++
        lastStart = base + i + 1
      }
    }
    return -1
  }

  const takeString = (piece: Buffer, from: number): number => {
    for (let i = from; i < piece.length; i++) {
      const byte = piece[i] as number
      if (isEscaped) isEscaped = false
      else if (byte === 0x5c) isEscaped = true
      else if (byte === 0x22) {
        if (isInString) return i + 1
        isInString = true
      }
    }
    return -1
  }

  const takeScalar = (piece: Buffer, from: number): number => {
    for (let i = from; i < piece.length; i++) {
      const byte = piece[i] as number
      if (byte <= 0x20 || byte === 0x2c || byte === 0x5d || byte === 0x7d || byte === 0x3a) return i
    }
    return -1
  }

  const take = kind === 'container' ? takeContainer : kind === 'string' ? takeString : takeScalar
  return {
    isScalar: kind === 'scalar',
    take(piece, from) {
      const end = take(piece, from)
      const part = piece.subarray(from, end === -1 ? piece.length : end)
      parts.push(part)
      size += part.length
      if (size > MAX_RECORD_BYTES) {
        const where = `A record has more than ${MAX_RECORD_BYTES} bytes, from line ${at.line} (byte ${at.offset}).`
        throw fileFault('file.json.record-size', where)
      }
      return end
    },
    finish: () => ({
      bytes: parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts),
      at,
      names,
      exact,
    }),
    get lines() {
      return { count: lineCount, lastStart }
    },
  }
}

/** The fault for a document that is nested too deep, found at `offset`. */
export function tooDeep(offset: number): Error {
  return fileFault(
    'file.json.depth',
    `Arrays and objects are nested deeper than ${MAX_DEPTH}, at byte ${offset}.`,
  )
}
