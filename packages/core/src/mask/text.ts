import { isUtf8 } from 'node:buffer'
import { applyEdits } from './edits.ts'
import { createFinder } from './find.ts'
import { createKeyCache } from './names.ts'
import { createPlainSweep } from './sweep.ts'

/** Masks texts one by one, with memory that it keeps. */
export interface TextMasker {
  /** A text with what is personal in it replaced. */
  text(text: string): string
  /** Bytes of a text in any encoding near ASCII, masked; the same object when nothing was found. */
  bytes(bytes: Uint8Array): Uint8Array
}

/** A masker for many texts. */
export function createTextMasker(): TextMasker {
  const finder = createFinder(createPlainSweep(), createKeyCache())
  const masker: TextMasker = {
    text(text) {
      if (!/[\d@&\u0660-\uffff]/.test(text) && !/^\s*[{["]/.test(text)) return text
      const bytes = Buffer.from(text, 'utf8')
      const masked = masker.bytes(bytes)
      return masked === bytes
        ? text
        : Buffer.from(masked.buffer, masked.byteOffset, masked.length).toString('utf8')
    },
    bytes(bytes) {
      const offsets = Int32Array.of(0, bytes.length)
      const edits = finder.find(bytes, offsets, 1, { binary: !isUtf8(bytes), hint: 'none' })
      return edits.count === 0 ? bytes : applyEdits(bytes, offsets, 1, edits).values
    },
  }
  return masker
}

/** {@link TextMasker.text}, once: for labels, paths, messages. */
export function maskText(text: string): string {
  return createTextMasker().text(text)
}
