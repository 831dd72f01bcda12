import { fileFault } from '../errors.ts'
import { LzmaDecoder, type LzmaProperties, SYMBOL_BYTES } from './lzma.ts'
import type { Window } from './window.ts'

/** Input that is decoded at once. */
const INPUT_BYTES = 1 << 16
/** Output of one piece, at most. */
const OUTPUT_BYTES = 1 << 18

/** What a header says of an LZMA stream. */
export interface LzmaHeader {
  readonly properties: LzmaProperties
  readonly dictionary: number
  /** Bytes of output, or undefined where the end marker says it. */
  readonly size: number | undefined
  /** For messages: `lzip`. */
  readonly what: string
}

/** One LZMA stream without its header; leaves the window right behind it. */
export async function* unpackLzma(
  window: Window,
  header: LzmaHeader,
): AsyncGenerator<Uint8Array, void, void> {
  const { size, what } = header
  const decoder = new LzmaDecoder(header.dictionary)
  decoder.resetState(header.properties)
  let left = size ?? Number.POSITIVE_INFINITY
  let isStarted = false
  while (true) {
    const bytes = await window.peek(INPUT_BYTES)
    const isLast = bytes.length < INPUT_BYTES
    const input = new Uint8Array(bytes.length + SYMBOL_BYTES)
    input.set(bytes)
    decoder.feed(input)
    if (!isStarted) {
      if (bytes.length < 5) throw cut(what)
      if (!decoder.startRange()) throw damaged(what)
      isStarted = true
    }
    const inputEnd = isLast ? bytes.length : bytes.length - SYMBOL_BYTES
    let isEnd = false
    while (left > 0) {
      const wanted = Math.min(OUTPUT_BYTES, left)
      decoder.slide(wanted)
      const start = decoder.position
      const pause = decoder.decode(start + wanted, inputEnd)
      left -= decoder.position - start
      if (decoder.position > start) yield decoder.window.slice(start, decoder.position)
      if (pause === 'damaged') throw decoder.used > bytes.length ? cut(what) : damaged(what)
      if (pause === 'end') {
        if (size !== undefined && left > 0) throw decoder.used > bytes.length ? cut(what) : damaged(what)
        isEnd = true
        break
      }
      if (pause === 'input') break
    }
    if (decoder.used > bytes.length) throw cut(what)
    await window.take(decoder.used)
    if (isEnd || left === 0) {
      if (decoder.isInMatch) throw damaged(what)
      if (!isEnd) await skipMarker(window, decoder, what)
      if (!decoder.isFinished) throw damaged(what)
      return
    }
    if (isLast) throw cut(what)
  }
}

/** An end marker may follow although the size was said. */
async function skipMarker(window: Window, decoder: LzmaDecoder, what: string): Promise<void> {
  if (decoder.isFinished) return
  const bytes = await window.peek(SYMBOL_BYTES)
  const input = new Uint8Array(bytes.length + SYMBOL_BYTES)
  input.set(bytes)
  decoder.feed(input)
  decoder.slide(1)
  if (decoder.decode(decoder.position + 1, bytes.length) !== 'end') throw damaged(what)
  if (decoder.used > bytes.length) throw cut(what)
  await window.take(decoder.used)
}

function damaged(what: string): Error {
  return fileFault('file.corrupt', `The ${what} data is damaged.`)
}

function cut(what: string): Error {
  return fileFault('file.truncated', `The ${what} data ends in the middle.`)
}
