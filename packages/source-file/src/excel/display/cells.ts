import { type Book, CELL } from '../book.ts'
import type { CellText } from '../columns.ts'
import { NUMBER, NumberScan } from '../number-scan.ts'
import { compileFormat, type NumberFormat } from './format.ts'

/** Texts of numbers that are kept for each format, at most: sheets repeat dates and prices. */
const CACHED = 4096

/** Characters of a whole number that the General format shows as it is. */
const GENERAL_DIGITS = 11

interface CompiledStyle {
  readonly format: NumberFormat
  readonly isGeneral: boolean
  readonly cache: Map<number, string>
}

/** A function that gives what Excel shows of a cell. */
export function createDisplay(book: Book): CellText {
  const compiled = new Map<string, CompiledStyle>()
  const styles: (CompiledStyle | undefined)[] = []
  const scan = new NumberScan()
  const compile = (index: number): CompiledStyle => {
    const code = book.styles[index]?.code ?? 'General'
    let style = compiled.get(code)
    if (!style) {
      style = {
        format: compileFormat(code, book.is1904),
        isGeneral: /^(?:general|@)?$/i.test(code),
        cache: new Map(),
      }
      compiled.set(code, style)
    }
    styles[index] = style
    return style
  }
  return (kind, index, bytes, start, end) => {
    const style = styles[index] ?? compile(index)
    if (kind === CELL.number) {
      const found = scan.scan(bytes, start, end)
      if (found === NUMBER.none) return undefined
      const isShort = end - start <= GENERAL_DIGITS && (bytes[start] !== 0x30 || end - start === 1)
      if (style.isGeneral && found === NUMBER.int && isShort) return undefined
      const { value } = scan
      let text = style.cache.get(value)
      if (text === undefined) {
        text = style.format.number(value)
        if (style.cache.size >= CACHED) style.cache.clear()
        style.cache.set(value, text)
      }
      return text
    }
    if (kind === CELL.text) {
      if (style.format.isPlainText) return undefined
      return style.format.text(Buffer.from(bytes.subarray(start, end)).toString('utf8'))
    }
    if (kind === CELL.bool) return bytes[start] === 0x31 ? 'TRUE' : 'FALSE'
    return undefined
  }
}
