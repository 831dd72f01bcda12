import { type CsvType, isDoubleText, KIND } from './csv.ts'

// The specification of assembly/kinds.ts: what a text is, said with patterns and bigint arithmetic.

const UNIT_DIGITS = [0, 3, 6, 9]
const BOOLS = [
  ['true', 'false'],
  ['True', 'False'],
  ['TRUE', 'FALSE'],
]

/** The narrowest kind of a text, and for a fraction its digits after the point. */
export function readKind(bytes: Uint8Array): { readonly kind: number; readonly scale: number } {
  const text = Buffer.from(bytes).toString('latin1')
  const spelling = BOOLS.findIndex((words) => words.includes(text))
  if (spelling >= 0) return { kind: KIND.bool << spelling, scale: 0 }
  const time = readTime(text)
  if (time) return { kind: time.kind, scale: 0 }
  return readNumber(text)
}

function readNumber(text: string): { readonly kind: number; readonly scale: number } {
  const kind = (kind: number, scale = 0) => ({ kind, scale })
  if (/^(0|-?[1-9]\d*)$/.test(text)) {
    const digits = text.replace('-', '').length
    if (digits <= 15) return kind(KIND.intSmall)
    const value = BigInt(text)
    if (BigInt.asIntN(64, value) === value) return kind(KIND.intBig)
    return kind(digits <= 38 ? KIND.intHuge : KIND.text)
  }
  const [, whole, fraction] = /^-?(0|[1-9]\d*)\.(\d+)$/.exec(text) ?? []
  if (whole !== undefined && fraction !== undefined) {
    const digits = `${whole === '0' ? '' : whole}${fraction}`
    const significant = digits.replace(/^0+/, '').length
    if (digits.length > 38 || (text.startsWith('-') && significant === 0)) return kind(KIND.text)
    const leading = whole === '0' ? digits.length - significant : 0
    if (text.endsWith('0') || significant > 17 || leading > 5)
      return kind(KIND.fractionDecimal, fraction.length)
    return kind(significant <= 15 ? KIND.fractionFast : KIND.fractionSlow, fraction.length)
  }
  return kind(text.length <= 25 && /^-?(0|[1-9]\d*)(\.\d+)?e[+-]\d+$/.test(text) ? KIND.exponent : KIND.text)
}

/** The kind and value of a date (in days) or a timestamp (in its unit). */
function readTime(text: string): { readonly kind: number; readonly value: bigint } | undefined {
  const parts = /^(\d{4})-(\d\d)-(\d\d)(?:([T ])(\d\d):(\d\d):(\d\d)(?:\.(\d{3}|\d{6}|\d{9}))?(Z?))?$/.exec(
    text,
  )
  if (!parts || parts[0] !== text) return undefined
  const [, year, month, day, separator, hour, minute, second, fraction = '', zone] = parts
  const midnight = Date.parse(`${year}-${month}-${day}T00:00:00Z`)
  if (Number(year) < 1 || Number.isNaN(midnight)) return undefined
  if (new Date(midnight).toISOString().slice(0, 10) !== `${year}-${month}-${day}`) return undefined
  if (separator === undefined) return { kind: KIND.date, value: BigInt(midnight) / 86_400_000n }
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined
  const unit = UNIT_DIGITS.indexOf(fraction.length)
  if (unit === 3 && (Number(year) < 1678 || Number(year) > 2261)) return undefined
  const seconds = BigInt(midnight / 1000) + BigInt(hour!) * 3600n + BigInt(minute!) * 60n + BigInt(second!)
  return {
    kind: KIND.stamp << ((separator === 'T' ? 0 : 8) + unit * 2 + (zone === 'Z' ? 1 : 0)),
    value: seconds * 10n ** BigInt(fraction.length) + BigInt(fraction || '0'),
  }
}

/** Writes value `i` of a fixed-width column; false when the text is not of the type. */
export function writeValue(
  bytes: Uint8Array,
  type: CsvType,
  values: Uint8Array,
  bit: number,
  i: number,
): boolean {
  const text = Buffer.from(bytes).toString('latin1')
  const view = new DataView(values.buffer, values.byteOffset)
  const { kind, scale } = readKind(bytes)
  const isInteger = (kind & (KIND.intSmall | KIND.intBig | KIND.intHuge)) !== 0
  switch (type.kind) {
    case 'int64':
      if (!isInteger || kind === KIND.intHuge) return false
      view.setBigInt64(i * 8, BigInt(text), true)
      return true
    case 'decimal': {
      if (type.scale === 0 ? !isInteger : scale !== type.scale) return false
      const value = BigInt(text.replace('.', ''))
      view.setBigUint64(i * 16, BigInt.asUintN(64, value), true)
      view.setBigInt64(i * 16 + 8, value >> 64n, true)
      return true
    }
    case 'float64': {
      const surely = (kind & (KIND.intSmall | KIND.fractionFast)) !== 0
      const slowly = (kind & (KIND.fractionSlow | KIND.exponent)) !== 0 && isDoubleText(text)
      if (!surely && !slowly) return false
      view.setFloat64(i * 8, Number(text), true)
      return true
    }
    case 'date':
      if (kind !== KIND.date) return false
      view.setInt32(i * 4, Number(readTime(text)!.value), true)
      return true
    case 'timestamp':
      if (kind !== type.stamp) return false
      view.setBigInt64(i * 8, readTime(text)!.value, true)
      return true
    case 'bool':
      if (kind !== KIND.bool << type.spelling) return false
      if (text.length === 4) values[(bit + i) >> 3]! |= 1 << ((bit + i) & 7)
      return true
  }
}
