import type { JsonRun } from '@omni/kernels'
import { type Capture, type Captured, createCapture, type Place, tooDeep } from './capture.ts'
import { faultAt, placeIn } from './locate.ts'
import { parseExact } from './parse.ts'
import { JsonProblem, MAX_DEPTH } from './problem.ts'
import { decodeUtf8 } from './record.ts'

/** An array or object that is open around the current byte. */
interface Frame {
  readonly isArray: boolean
  /** Steps of the path that lead here, or -1 off the path. */
  readonly matched: number
  /** True for the array whose items are the records. */
  readonly isTarget: boolean
  /** Name or position of the current value inside. */
  step: string
  index: number
}

type Expect = 'value' | 'value or end' | 'name' | 'name or end' | 'colon' | 'comma or end' | 'nothing'

/** What a captured value is for. */
type Use = 'record' | 'name' | 'skip'

/** Reads many records at once, straight from the piece that is being pushed. */
export interface FastReader {
  /**
   * Reads records from `from` on, relative to the piece: `items` of an array up to its bracket, or `objects` one after
   * another. Consumes none where the next one is for the splitter to cut out.
   */
  run(mode: 'items' | 'objects', from: number): JsonRun
}

/** Cuts JSON documents into their records, byte by byte, holding one record at most. */
export interface Splitter {
  push(piece: Buffer): void
  /** The document has ended: throws where it is not whole. */
  end(): void
  /** True once the path was found. */
  readonly isFound: boolean
}

/**
 * A strict walk (RFC 8259) around the records at `path`: the items of the array there, or the one value there.
 * What lies beside the path is validated and left out. Objects may follow each other without an array around them.
 * Throws located faults.
 */
export function createSplitter(
  path: readonly string[],
  onRecord: (record: Captured) => void,
  fast?: FastReader,
): Splitter {
  const stack: Frame[] = []
  let expect: Expect = 'value'
  let capture: Capture | undefined
  let use: Use = 'skip'
  let isFound = false
  let isObject = false
  let offset = 0
  let line = 1
  let lineStart = 0
  let bomBytes = 0

  const here = (at: number): Place => ({ offset: at, line, lineStart })
  const wrong = (at: number, reason: string): Error => faultAt('file.json.syntax', here(at), reason)
  const afterValue = (): void => {
    expect = stack.length === 0 ? 'nothing' : 'comma or end'
  }
  const startCapture = (byte: number, at: number, purpose: Use): void => {
    use = purpose
    capture = createCapture(byte, here(at), stack.length)
  }

  const startValue = (byte: number, at: number): void => {
    if (!STARTS.has(byte)) throw wrong(at, 'a value was expected')
    const frame = stack.at(-1)
    const matched = frame ? matchStep(frame, path) : 0
    const isTarget = !frame?.isTarget && matched === path.length
    const isContainer = byte === 0x7b || byte === 0x5b
    if (!frame) isObject = byte === 0x7b
    if (isTarget) isFound = true
    if (frame?.isTarget || (isTarget && byte !== 0x5b)) startCapture(byte, at, 'record')
    else if (!isContainer) startCapture(byte, at, 'skip')
    else if (stack.length >= MAX_DEPTH) throw tooDeep(at)
    else {
      stack.push({ isArray: byte === 0x5b, matched, isTarget, step: '', index: 0 })
      expect = byte === 0x5b ? 'value or end' : 'name or end'
    }
  }

  const close = (byte: number, at: number): void => {
    const frame = stack.pop()
    if (!frame || frame.isArray !== (byte === 0x5d)) throw wrong(at, 'a bracket closes what is not open')
    afterValue()
  }

  const endCapture = (): void => {
    const done = capture as Capture
    capture = undefined
    const captured = done.finish()
    line += done.lines.count
    lineStart = done.lines.lastStart
    if (use === 'name') {
      ;(stack.at(-1) as Frame).step = parseCaptured(captured, parseExact) as string
      expect = 'colon'
      return
    }
    if (use === 'record') onRecord(captured)
    else parseCaptured(captured, parseExact)
    afterValue()
  }

  const afterComma = (at: number): void => {
    const frame = stack.at(-1)
    if (!frame) throw wrong(at, 'a comma follows nothing')
    frame.index++
    expect = frame.isArray ? 'value' : 'name'
  }

  const step = (byte: number, at: number): void => {
    const mayEnd = expect === 'value or end' || expect === 'name or end' || expect === 'comma or end'
    const closes = byte === 0x5d || byte === 0x7d
    if (mayEnd && closes) close(byte, at)
    else if (expect === 'value' || expect === 'value or end') startValue(byte, at)
    else if (expect === 'name' || expect === 'name or end') {
      if (byte !== 0x22) throw wrong(at, 'a name in quotes was expected')
      startCapture(byte, at, 'name')
    } else if (expect === 'colon') {
      if (byte !== 0x3a) throw wrong(at, 'a colon is missing')
      expect = 'value'
    } else if (expect === 'comma or end') {
      if (byte !== 0x2c) throw wrong(at, 'a comma is missing')
      afterComma(at)
    } else if (isObject && byte === 0x7b) startValue(byte, at)
    else throw wrong(at, 'more text follows the document')
  }

  /** Where records can be read at once: what they are there, or undefined. */
  const fastMode = (byte: number): 'items' | 'objects' | undefined => {
    if (stack.length === 0) {
      const mayBegin = expect === 'value' || (expect === 'nothing' && isObject)
      return byte === 0x7b && path.length === 0 && mayBegin ? 'objects' : undefined
    }
    const mayBegin = expect === 'value' || (expect === 'value or end' && byte !== 0x5d)
    return mayBegin && stack.at(-1)?.isTarget ? 'items' : undefined
  }

  /** Reads records at once from the piece; returns how many bytes that were. */
  const readFast = (byte: number, from: number): number => {
    const mode = fast && fastMode(byte)
    if (!fast || !mode) return 0
    const found = fast.run(mode, from)
    if (found.rows === 0) return 0
    line += found.lines
    if (found.lineStart >= 0) lineStart = offset + found.lineStart
    if (mode === 'objects') {
      isFound = isObject = true
      expect = 'nothing'
    } else expect = found.stop === 'closed' ? 'comma or end' : 'value'
    return found.consumed
  }

  return {
    get isFound() {
      return isFound
    },
    push(piece) {
      let i = 0
      while (offset + i < BOM.length && piece[i] === BOM[offset + i] && bomBytes === offset + i) {
        bomBytes++
        i++
      }
      if (i < piece.length && bomBytes > 0 && bomBytes < BOM.length)
        throw wrong(offset, 'a value was expected')
      while (i < piece.length) {
        if (capture) {
          const end = capture.take(piece, i)
          if (end === -1) break
          endCapture()
          i = end
          continue
        }
        const byte = piece[i] as number
        if (byte === 0x0a) {
          line++
          lineStart = offset + i + 1
        } else if (byte !== 0x20 && byte !== 0x0d && byte !== 0x09) {
          const read = readFast(byte, i)
          if (read > 0) {
            i += read
            continue
          }
          step(byte, offset + i)
          // The capture begins with this byte, so it is not passed.
          if (capture) continue
        }
        i++
      }
      offset += piece.length
    },
    end() {
      if (capture?.isScalar) endCapture()
      if (capture) {
        // Its own parse says what is missing, and where.
        parseCaptured(capture.finish(), parseExact)
      }
      if (expect !== 'nothing' || capture) throw wrong(offset, 'the document ends too early')
    },
  }
}

/** A byte order mark may be there, though RFC 8259, section 8.1, tells writers to leave it out. */
const BOM: readonly number[] = [0xef, 0xbb, 0xbf]

const STARTS: ReadonlySet<number> = new Set(Buffer.from('{["-0123456789tfn'))

function matchStep(frame: Frame, path: readonly string[]): number {
  const step = frame.isArray ? String(frame.index) : frame.step
  return frame.matched >= 0 && path[frame.matched] === step ? frame.matched + 1 : -1
}

/** Parses a captured value; what is wrong becomes a fault with its place in the document. */
export function parseCaptured<T>(captured: Captured, parse: (text: string) => T): T {
  const text = decodeUtf8(captured.bytes, 0, captured.bytes.length)
  if (text === undefined)
    throw faultAt('file.json.utf8', captured.at, 'the value that begins here is not UTF-8')
  try {
    return parse(text)
  } catch (error) {
    if (!(error instanceof JsonProblem)) throw error
    const code = error.kind === 'depth' ? 'file.json.depth' : 'file.json.syntax'
    throw faultAt(code, placeIn(captured, text, error.offset), error.reason)
  }
}
