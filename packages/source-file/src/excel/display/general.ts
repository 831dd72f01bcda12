import { decimalOf, roundTo, shift } from './decimal.ts'

/** Characters that the General format shows of a number, without its sign. */
const WIDTH = 11

/** A number as the General format shows it, ECMA-376 part 1, 18.8.30: at most eleven characters. */
export function generalText(value: number): string {
  if (value === 0) return '0'
  const sign = value < 0 ? '-' : ''
  const decimal = decimalOf(value)
  const { point, digits } = decimal
  if (point > WIDTH) return sign + exponential(value)
  // Zeros after the point are as many characters as digits are.
  if (point < -3 && digits.length - point > WIDTH - 2) return sign + exponential(value)
  const places = point > 0 ? Math.max(0, WIDTH - 1 - point) : WIDTH - 2
  const { whole, fraction } = roundTo(decimal, places)
  if (whole.length > WIDTH) return sign + exponential(value)
  const short = fraction.replace(/0+$/, '')
  return `${sign}${whole === '' ? '0' : whole}${short === '' ? '' : `.${short}`}`
}

function exponential(value: number): string {
  const { digits, point } = decimalOf(value)
  let { whole, fraction } = roundTo(shift({ digits, point }, 1 - point), 5)
  let exponent = point - 1
  if (whole.length > 1) {
    exponent++
    fraction = `0${fraction.slice(0, -1)}`
    whole = '1'
  }
  const short = fraction.replace(/0+$/, '')
  const power = String(Math.abs(exponent)).padStart(2, '0')
  return `${whole}${short === '' ? '' : `.${short}`}E${exponent < 0 ? '-' : '+'}${power}`
}
