import { excelFault } from '../errors.ts'
import { CLOSE, END, OPEN, TEXT, XmlScanner } from './scanner.ts'
import { decode, isPlain, unescapeText } from './text.ts'

/** Texts of a workbook in one buffer: text i is between offsets i and i + 1. */
export interface SharedStrings {
  readonly count: number
  readonly bytes: Uint8Array
  readonly offsets: Int32Array
}

/** Bytes of all texts, at most: they are held in memory, and offsets have 31 bits. */
const MAX_BYTES = 1024 * 1024 * 1024

export const NO_STRINGS: SharedStrings = { count: 0, bytes: new Uint8Array(0), offsets: new Int32Array(1) }

/** The shared texts, ECMA-376 part 1, 18.4: the runs of rich text are joined, phonetic hints left out. */
export async function readStrings(
  pieces: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<SharedStrings> {
  const scanner = new XmlScanner()
  const pool = createPool()
  let isInItem = false
  let isInText = false
  let phonetic = 0
  let text = ''
  /** The item has one text of plain bytes, which stand in the pool already. */
  let isPooled = false
  const run = (): void => {
    for (;;) {
      const token = scanner.next()
      if (token === TEXT) {
        if (!isInText) continue
        const { buffer, start, end } = scanner
        if (text === '' && !isPooled && isPlain(buffer, start, end)) {
          pool.add(buffer, start, end)
          isPooled = true
          continue
        }
        if (isPooled) {
          text = pool.takeBack()
          isPooled = false
        }
        text += decode(buffer, start, end, scanner.isLiteral)
      } else if (token === OPEN) {
        if (!isInItem) {
          if (!scanner.is('si')) continue
          if (scanner.isEmpty) pool.end()
          else isInItem = true
        } else if (scanner.is('t')) isInText = phonetic === 0 && !scanner.isEmpty
        else if (scanner.is('rPh') && !scanner.isEmpty) phonetic = scanner.depth
      } else if (token === CLOSE) {
        if (!isInItem) continue
        if (scanner.is('t')) isInText = false
        else if (scanner.is('rPh')) phonetic = 0
        else if (scanner.is('si')) {
          if (text !== '') {
            const bytes = Buffer.from(unescapeText(text), 'utf8')
            pool.add(bytes, 0, bytes.length)
          }
          pool.end()
          isInItem = false
          isPooled = false
          text = ''
        }
      } else return
    }
  }
  for await (const piece of pieces) {
    signal.throwIfAborted()
    scanner.feed(piece)
    run()
  }
  scanner.finish()
  run()
  if (scanner.next() !== END) throw excelFault('file.excel.xml', 'The shared texts end in the middle.')
  return pool.finish()
}

interface Pool {
  add(bytes: Uint8Array, start: number, end: number): void
  /** What was added to the current text, which is empty again. */
  takeBack(): string
  end(): void
  finish(): SharedStrings
}

function createPool(): Pool {
  let bytes = Buffer.allocUnsafeSlow(64 * 1024)
  let offsets = new Int32Array(4096)
  let count = 0
  let used = 0
  return {
    add(from, start, end) {
      const needed = used + end - start
      if (needed > MAX_BYTES) {
        throw excelFault('file.excel.size', `The shared texts have more than ${MAX_BYTES} bytes.`)
      }
      if (needed > bytes.length) {
        const larger = Buffer.allocUnsafeSlow(Math.max(needed, Math.min(MAX_BYTES, 2 * bytes.length)))
        larger.set(bytes.subarray(0, used))
        bytes = larger
      }
      for (let i = start; i < end; i++) bytes[used++] = from[i]!
    },
    takeBack() {
      const from = offsets[count]!
      const text = bytes.toString('utf8', from, used)
      used = from
      return text
    },
    end() {
      count++
      if (count >= offsets.length) {
        const larger = new Int32Array(2 * offsets.length)
        larger.set(offsets)
        offsets = larger
      }
      offsets[count] = used
    },
    finish: () => ({ count, bytes: bytes.subarray(0, used), offsets: offsets.subarray(0, count + 1) }),
  }
}
