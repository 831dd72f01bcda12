import { excelFault } from '../errors.ts'

/** What {@link XmlScanner.next} found. */
export const MORE = 0
export const OPEN = 1
export const CLOSE = 2
export const TEXT = 3
export const END = 4

/** Elements inside each other, at most; SpreadsheetML needs a dozen. */
const MAX_DEPTH = 64
/** Attributes of one element, at most: a worksheet element declares namespaces, a row has about ten. */
const MAX_ATTRIBUTES = 256
/** Bytes of one tag or text, at most: a cell holds 32,767 characters. */
const MAX_TOKEN_BYTES = 16 * 1024 * 1024

const LT = 0x3c
const GT = 0x3e
const SLASH = 0x2f
const COLON = 0x3a
const EQUALS = 0x3d
const QUOTE = 0x22
const APOSTROPHE = 0x27

/**
 * Tags and texts of an XML part (XML 1.0, Fifth Edition), in UTF-8 pieces, as ranges of bytes in `buffer`: no strings,
 * no objects. A range holds until the next call of {@link feed}. A document type is refused, so there are no entities.
 */
export class XmlScanner {
  buffer: Uint8Array<ArrayBufferLike> = new Uint8Array(0)
  /** Of a tag its local name, of a text its bytes. */
  start = 0
  end = 0
  /** The opened element is closed by the same tag. */
  isEmpty = false
  /** The text has no references: it stood in a CDATA section. */
  isLiteral = false
  /** Elements that are open, the one just opened included unless it is empty. */
  depth = 0
  attributes = 0
  /** Ranges of local name and value: four numbers an attribute. */
  readonly ranges: Int32Array = new Int32Array(4 * MAX_ATTRIBUTES)
  /** Where the next token begins: who reads on by itself moves it behind a whole element. */
  position = 0
  private filled = 0
  private isLast = false

  /** Goes back to where a token began; no piece was fed in between. */
  rewind(mark: number, depth: number): void {
    this.position = mark
    this.depth = depth
  }

  /** Adds bytes; those that were used are dropped. */
  feed(piece: Uint8Array): void {
    const rest = this.filled - this.position
    if (rest === 0) this.buffer = piece
    else {
      if (rest > MAX_TOKEN_BYTES)
        throw excelFault('file.excel.xml', 'A tag or text in an XML part has no end.')
      const joined = new Uint8Array(rest + piece.length)
      joined.set(this.buffer.subarray(this.position, this.filled))
      joined.set(piece, rest)
      this.buffer = joined
    }
    this.filled = this.buffer.length
    this.position = 0
  }

  /** No piece follows. */
  finish(): void {
    this.isLast = true
  }

  /** The next tag or text that is whole in the buffer. */
  next(): number {
    for (;;) {
      const { buffer, position, filled } = this
      if (position >= filled) return this.isLast ? this.atEnd() : MORE
      if (buffer[position] !== LT) {
        const to = buffer.indexOf(LT, position)
        if (to < 0 && !this.isLast) return MORE
        this.start = position
        this.end = to < 0 ? filled : to
        this.position = this.end
        this.isLiteral = false
        return TEXT
      }
      const second = buffer[position + 1]
      if (second === undefined) return this.cut()
      if (second === SLASH) return this.close()
      if (second === 0x21 || second === 0x3f) {
        const found = second === 0x3f ? this.skipTo('?>', position + 2) : this.declaration()
        if (found !== undefined) return found
        continue
      }
      return this.open()
    }
  }

  /** True when the tag's local name is that text. */
  is(name: string): boolean {
    const { buffer, start } = this
    if (this.end - start !== name.length) return false
    for (let i = 0; i < name.length; i++) if (buffer[start + i] !== name.charCodeAt(i)) return false
    return true
  }

  /** Index into {@link ranges} of an attribute by its local name, or -1. */
  find(name: string): number {
    const { buffer, ranges } = this
    for (let i = 0; i < this.attributes; i++) {
      const start = ranges[4 * i]!
      if (ranges[4 * i + 1]! - start !== name.length) continue
      let at = 0
      while (at < name.length && buffer[start + at] === name.charCodeAt(at)) at++
      if (at === name.length) return 4 * i
    }
    return -1
  }

  private atEnd(): number {
    if (this.depth > 0) throw excelFault('file.excel.xml', 'An XML part ends in the middle.')
    return END
  }

  private cut(): number {
    if (this.isLast) throw excelFault('file.excel.xml', 'An XML part ends in the middle.')
    return MORE
  }

  private close(): number {
    const { buffer } = this
    const to = buffer.indexOf(GT, this.position)
    if (to < 0) return this.cut()
    let start = this.position + 2
    let end = start
    for (; end < to; end++) {
      const byte = buffer[end]!
      if (byte === COLON) start = end + 1
      else if (byte <= 0x20) break
    }
    this.start = start
    this.end = end
    this.position = to + 1
    if (--this.depth < 0)
      throw excelFault('file.excel.xml', 'An XML part closes an element that is not open.')
    return CLOSE
  }

  private open(): number {
    const { buffer, filled, ranges } = this
    let at = this.position + 1
    let start = at
    let byte = 0
    for (; at < filled; at++) {
      byte = buffer[at]!
      if (byte === COLON) start = at + 1
      else if (byte <= 0x20 || byte === GT || byte === SLASH) break
    }
    const end = at
    let count = 0
    for (;;) {
      while (at < filled && buffer[at]! <= 0x20) at++
      if (at >= filled) return this.cut()
      byte = buffer[at]!
      if (byte === GT) break
      if (byte === SLASH) {
        if (at + 1 >= filled) return this.cut()
        if (buffer[at + 1] !== GT) throw malformed()
        break
      }
      let name = at
      for (; at < filled; at++) {
        byte = buffer[at]!
        if (byte === COLON) name = at + 1
        else if (byte === EQUALS || byte <= 0x20) break
        else if (byte === GT || byte === LT) throw malformed()
      }
      const nameEnd = at
      while (at < filled && buffer[at]! <= 0x20) at++
      if (at >= filled) return this.cut()
      if (buffer[at] !== EQUALS) throw malformed()
      at++
      while (at < filled && buffer[at]! <= 0x20) at++
      if (at >= filled) return this.cut()
      const quote = buffer[at]!
      if (quote !== QUOTE && quote !== APOSTROPHE) throw malformed()
      const value = at + 1
      at = value
      while (at < filled && buffer[at] !== quote) at++
      if (at >= filled) return this.cut()
      if (count === MAX_ATTRIBUTES)
        throw excelFault('file.excel.xml', 'An XML element has too many attributes.')
      ranges[4 * count] = name
      ranges[4 * count + 1] = nameEnd
      ranges[4 * count + 2] = value
      ranges[4 * count + 3] = at
      count++
      at++
    }
    if (start === end) throw malformed()
    this.isEmpty = byte === SLASH
    this.attributes = count
    this.start = start
    this.end = end
    this.position = at + (this.isEmpty ? 2 : 1)
    if (!this.isEmpty && ++this.depth > MAX_DEPTH) {
      throw excelFault('file.excel.xml', `More than ${MAX_DEPTH} XML elements are inside each other.`)
    }
    return OPEN
  }

  /** A comment is skipped and a CDATA section is text; undefined when there is no token in it. */
  private declaration(): number | undefined {
    const { position, filled } = this
    if (filled - position < 9 && !this.isLast) return MORE
    if (this.begins('<!--')) return this.skipTo('-->', position + 4)
    if (this.begins('<![CDATA[')) {
      const to = this.indexOf(']]>', position + 9)
      if (to < 0) return this.cut()
      this.start = position + 9
      this.end = to
      this.position = to + 3
      this.isLiteral = true
      return TEXT
    }
    throw excelFault('file.excel.entities', 'An XML part declares a document type, which may hide entities.')
  }

  private skipTo(mark: string, from: number): number | undefined {
    const to = this.indexOf(mark, from)
    if (to < 0) return this.cut()
    this.position = to + mark.length
    return undefined
  }

  private begins(mark: string): boolean {
    for (let i = 0; i < mark.length; i++) {
      if (this.buffer[this.position + i] !== mark.charCodeAt(i)) return false
    }
    return true
  }

  private indexOf(mark: string, from: number): number {
    const { buffer, byteOffset } = this.buffer
    return Buffer.from(buffer, byteOffset, this.filled).indexOf(mark, from, 'latin1')
  }
}

function malformed(): Error {
  return excelFault('file.excel.xml', 'An XML part holds a tag that is not well-formed.')
}
