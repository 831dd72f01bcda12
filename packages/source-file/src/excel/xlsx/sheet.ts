import { CELL, type CellConsumer, type CellFeed, MAX_COLUMNS, MAX_ROWS, type Origin } from '../book.ts'
import { excelFault } from '../errors.ts'
import { CLOSE, END, MORE, OPEN, TEXT, XmlScanner } from './scanner.ts'
import type { SharedStrings } from './strings.ts'
import { attribute, decode, isPlain, unescapeText } from './text.ts'

const LOWER_C = 0x63
const LOWER_V = 0x76

/** What `t` of a cell may be, ECMA-376 part 1, 18.18.11 ST_CellType. */
const SHARED = 5
const INLINE = 6
const FORMULA_TEXT = 7

/**
 * The cells of a worksheet part, ECMA-376 part 1, 18.3.1: a state machine over its tags that stops wherever the piece
 * ends or the consumer wants.
 */
export class SheetParser implements CellFeed {
  private readonly scanner: XmlScanner = new XmlScanner()
  private readonly strings: SharedStrings
  /** Of rows that are numbered from 1. */
  private row = 0
  private column = -1
  private type = CELL.number as number
  private style = 0
  private isInData = false
  private isInCell = false
  private isInValue = false
  private isInline = false
  /** Elements below which text is not the cell's: phonetic hints. */
  private hidden = 0
  private value = ''
  private isDone = false
  /** Formulas so far whose value was not saved. */
  unsaved = 0
  private hasFormula = false
  /** Of the dimension element, ECMA-376 part 1, 18.3.1.35. */
  origin: Origin | undefined

  constructor(strings: SharedStrings) {
    this.strings = strings
  }

  feed(piece: Uint8Array): void {
    this.scanner.feed(piece)
  }

  finish(): void {
    this.scanner.finish()
  }

  /** All rows have been seen. */
  get isOver(): boolean {
    return this.isDone
  }

  pump(consumer: CellConsumer): boolean {
    const { scanner } = this
    if (this.isDone) return true
    for (;;) {
      if (this.isInData && !this.isInCell) while (this.usualCell(consumer));
      const mark = scanner.position
      const { depth } = scanner
      const token = scanner.next()
      if (token === TEXT) {
        if (this.isInCell) this.text(consumer)
      } else if (token === OPEN) {
        if (this.isInCell) this.openInCell(consumer)
        else if (this.isInData) {
          if (scanner.end - scanner.start === 1 && scanner.buffer[scanner.start] === LOWER_C) this.openCell()
          else if (scanner.is('row') && !this.openRow(consumer)) {
            scanner.rewind(mark, depth)
            return false
          }
        } else if (scanner.is('sheetData')) this.isInData = !scanner.isEmpty
        else if (scanner.is('dimension')) this.origin = originOf(attribute(scanner, 'ref'))
      } else if (token === CLOSE) {
        if (this.isInCell) this.closeInCell(consumer)
        else if (scanner.is('sheetData')) {
          this.isDone = true
          return true
        }
      } else if (token === MORE) return true
      else if (token === END) {
        this.isDone = true
        return true
      }
    }
  }

  /**
   * A cell as nearly every one is written, `<c r="A1" s="1" t="s"><v>5</v></c>`, in one go. False, and nothing done,
   * when the bytes are any other, or not all here.
   */
  private usualCell(consumer: CellConsumer): boolean {
    const { scanner } = this
    const { buffer } = scanner
    let at = scanner.position
    // `<c r="`
    if (
      buffer[at] !== 0x3c ||
      buffer[at + 1] !== LOWER_C ||
      buffer[at + 2] !== 0x20 ||
      buffer[at + 3] !== 0x72 ||
      buffer[at + 4] !== 0x3d ||
      buffer[at + 5] !== 0x22
    ) {
      return false
    }
    at += 6
    let column = 0
    for (let letter = buffer[at]! - 0x40; letter >= 1 && letter <= 26; letter = buffer[++at]! - 0x40) {
      column = column * 26 + letter
      if (column > MAX_COLUMNS) return false
    }
    if (column === 0) return false
    while (buffer[at]! >= 0x30 && buffer[at]! <= 0x39) at++
    if (buffer[at++] !== 0x22) return false
    let style = 0
    let type: number = CELL.number
    while (buffer[at] === 0x20) {
      const name = buffer[at + 1]
      if (buffer[at + 2] !== 0x3d || buffer[at + 3] !== 0x22) return false
      at += 4
      const first = at
      while (buffer[at] !== 0x22) if (at++ - first > 4) return false
      if (name === 0x73) style = digits(buffer, first, at)
      else if (name === 0x74 && at - first === 1) type = typeOf(buffer, first, at)
      else return false
      at++
    }
    if (style < 0) return false
    // `><v>`
    if (
      buffer[at] !== 0x3e ||
      buffer[at + 1] !== 0x3c ||
      buffer[at + 2] !== LOWER_V ||
      buffer[at + 3] !== 0x3e
    ) {
      return false
    }
    const start = at + 4
    at = start
    for (let byte = buffer[at]; byte !== 0x3c; byte = buffer[++at]) {
      if (byte === undefined || byte === 0x26 || byte === 0x0d) return false
    }
    // `</v></c>`
    if (
      at === start ||
      buffer[at + 1] !== 0x2f ||
      buffer[at + 2] !== LOWER_V ||
      buffer[at + 3] !== 0x3e ||
      buffer[at + 4] !== 0x3c ||
      buffer[at + 5] !== 0x2f ||
      buffer[at + 6] !== LOWER_C ||
      buffer[at + 7] !== 0x3e
    ) {
      return false
    }
    this.column = column - 1
    this.style = style
    if (type === SHARED) this.sendShared(consumer, digits(buffer, start, at))
    else this.send(consumer, type, buffer, start, at)
    scanner.position = at + 8
    return true
  }

  private get isText(): boolean {
    return this.type === FORMULA_TEXT || this.type === INLINE
  }

  private openRow(consumer: CellConsumer): boolean {
    const { scanner } = this
    const at = scanner.find('r')
    let row = this.row + 1
    if (at >= 0) {
      row = digits(scanner.buffer, scanner.ranges[at + 2]!, scanner.ranges[at + 3]!)
      if (row < 1 || row > MAX_ROWS)
        throw excelFault('file.excel.range', 'A row has a number that no sheet has.')
      if (row <= this.row) {
        throw excelFault('file.excel.corrupt', `Row ${row} of a sheet comes after row ${this.row}.`)
      }
    } else if (row > MAX_ROWS)
      throw excelFault('file.excel.range', 'A sheet has more rows than a sheet can have.')
    if (!consumer.row(row - 1)) return false
    this.row = row
    this.column = -1
    return true
  }

  private openCell(): void {
    const { scanner } = this
    const { buffer, ranges, attributes } = scanner
    let column = this.column + 1
    let type: number = CELL.number
    let style = 0
    for (let i = 0; i < attributes; i++) {
      const name = ranges[4 * i]!
      if (ranges[4 * i + 1]! - name !== 1) continue
      const start = ranges[4 * i + 2]!
      const end = ranges[4 * i + 3]!
      const letter = buffer[name]
      if (letter === 0x72) column = columnOf(buffer, start, end)
      else if (letter === 0x73) style = digits(buffer, start, end)
      else if (letter === 0x74) type = typeOf(buffer, start, end)
    }
    if (column < 0 || column >= MAX_COLUMNS) {
      throw excelFault('file.excel.range', `A cell of row ${this.row} has a column that no sheet has.`)
    }
    if (style < 0) throw excelFault('file.excel.corrupt', `A cell of row ${this.row} has no valid style.`)
    this.column = column
    this.type = type
    this.style = style
    this.isInline = false
    this.isInCell = !scanner.isEmpty
    this.isInValue = false
    this.hidden = 0
    this.value = ''
    this.hasFormula = false
  }

  private openInCell(consumer: CellConsumer): void {
    const { scanner } = this
    if (scanner.end - scanner.start === 1) {
      const letter = scanner.buffer[scanner.start]
      if (letter === 0x66) this.hasFormula = true
      else if (letter === LOWER_V) {
        this.hasFormula = false
        if (!scanner.isEmpty) this.isInValue = true
        else if (this.isText) this.send(consumer, CELL.text, new Uint8Array(0), 0, 0)
      } else if (letter === 0x74 && this.isInline && this.hidden === 0) this.isInValue = !scanner.isEmpty
      return
    }
    if (scanner.is('is')) this.isInline = !scanner.isEmpty
    else if (scanner.is('rPh') && !scanner.isEmpty) this.hidden = scanner.depth
  }

  private closeInCell(consumer: CellConsumer): void {
    const { scanner } = this
    if (scanner.end - scanner.start === 1) {
      const letter = scanner.buffer[scanner.start]
      if (letter === LOWER_C) {
        this.isInCell = false
        if (this.hasFormula) this.unsaved++
        return
      }
      // An empty value was not sent by its text.
      if (letter === LOWER_V && this.isInValue) {
        this.isInValue = false
        if (this.isText) this.sendText(consumer, this.value)
        else if (this.value !== '') this.sendDecoded(consumer)
        this.value = ''
      } else if (letter === 0x74) this.isInValue = false
      return
    }
    if (scanner.is('rPh')) this.hidden = 0
    else if (this.isInline && scanner.is('is')) {
      this.isInline = false
      this.sendText(consumer, this.value)
      this.value = ''
    }
  }

  /** Most values are one text of plain bytes, and are sent as they stand. */
  private text(consumer: CellConsumer): void {
    if (!this.isInValue) return
    const { scanner, type } = this
    const { buffer, start, end } = scanner
    const isWhole = buffer[end] === 0x3c && buffer[end + 1] === 0x2f && this.value === '' && !this.isInline
    if (!isWhole || !isPlain(buffer, start, end)) {
      this.value += decode(buffer, start, end, scanner.isLiteral)
      return
    }
    this.isInValue = false
    if (type === SHARED) this.sendShared(consumer, digits(buffer, start, end))
    else this.send(consumer, this.isText ? CELL.text : type, buffer, start, end)
  }

  private sendDecoded(consumer: CellConsumer): void {
    const bytes = Buffer.from(this.value.trim(), 'utf8')
    if (this.type === SHARED) this.sendShared(consumer, digits(bytes, 0, bytes.length))
    else if (bytes.length > 0) this.send(consumer, this.type, bytes, 0, bytes.length)
  }

  private sendText(consumer: CellConsumer, text: string): void {
    const bytes = Buffer.from(unescapeText(text), 'utf8')
    this.send(consumer, CELL.text, bytes, 0, bytes.length)
  }

  private sendShared(consumer: CellConsumer, index: number): void {
    const { strings } = this
    if (index < 0 || index >= strings.count) {
      throw excelFault(
        'file.excel.corrupt',
        `A cell of row ${this.row} names a shared text that there is not.`,
      )
    }
    this.send(consumer, CELL.text, strings.bytes, strings.offsets[index]!, strings.offsets[index + 1]!)
  }

  private send(consumer: CellConsumer, kind: number, bytes: Uint8Array, start: number, end: number): void {
    consumer.cell(this.column, kind, this.style, bytes, start, end)
  }
}

function originOf(ref: string | undefined): Origin | undefined {
  const parts = /^\$?([A-Za-z]{1,3})\$?(\d{1,7})(?::|$)/.exec(ref ?? '')
  if (!parts) return undefined
  const letters = Buffer.from(parts[1] as string)
  const column = columnOf(letters, 0, letters.length)
  const row = Number(parts[2]) - 1
  return column < 0 || row < 0 || row >= MAX_ROWS ? undefined : { row, column }
}

/** A whole number of digits, with white space around it, or -1. */
function digits(buffer: Uint8Array, from: number, to: number): number {
  let start = from
  let end = to
  while (start < end && buffer[start]! <= 0x20) start++
  while (end > start && buffer[end - 1]! <= 0x20) end--
  if (start === end || end - start > 9) return -1
  let number = 0
  for (let i = start; i < end; i++) {
    const digit = buffer[i]! - 0x30
    if (digit < 0 || digit > 9) return -1
    number = number * 10 + digit
  }
  return number
}

/** The 0-based column of a reference as `AB12`, or -1. */
function columnOf(buffer: Uint8Array, start: number, end: number): number {
  let column = 0
  let i = start
  for (; i < end; i++) {
    const letter = (buffer[i]! | 0x20) - 0x60
    if (buffer[i]! < 0x41 || letter < 1 || letter > 26) break
    column = column * 26 + letter
    if (column > MAX_COLUMNS) return -1
  }
  return i === start ? -1 : column - 1
}

function typeOf(buffer: Uint8Array, start: number, end: number): number {
  const first = buffer[start]
  switch (end - start) {
    case 1:
      if (first === 0x73) return SHARED
      if (first === 0x62) return CELL.bool
      if (first === 0x65) return CELL.error
      if (first === 0x64) return CELL.iso
      break
    case 3:
      if (first === 0x73) return FORMULA_TEXT
      break
    case 9:
      if (first === 0x69) return INLINE
      break
  }
  return CELL.number
}
