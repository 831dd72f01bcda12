import { isExactNumber, jsonOfValue, splitDecimal, textOfValue } from '@omni/arrow'
import type { JsonNode } from '@omni/kernels'

/**
 * A parsed record as JSON text that the decoder takes, if its columns hold the record at all: names and numbers
 * spelled the usual way, and a column of text given text. What does not fit stays as it is, so that it is refused.
 */
export function restate(value: unknown, node: JsonNode): string {
  if (value === null || value === undefined) return 'null'
  switch (node.kind) {
    case 'text':
      return JSON.stringify(textOfValue(value))
    case 'int64':
    case 'decimal':
      return restateInteger(value)
    case 'float64':
      return typeof value === 'number' ? restateDouble(value) : jsonOfValue(value)
    case 'list':
      if (!Array.isArray(value)) return jsonOfValue(value)
      return `[${value.map((item) => restate(item, node.children[0] as JsonNode)).join(',')}]`
    case 'struct':
      return isObject(value) ? restateObject(value, node) : jsonOfValue(value)
    default:
      return jsonOfValue(value)
  }
}

function restateObject(value: object, node: JsonNode): string {
  const known = new Map(node.children.map((child) => [child.name, child]))
  const members = Object.entries(value).map(([name, member]) => {
    const child = known.get(name)
    return `${JSON.stringify(name)}:${child === undefined ? 'null' : restate(member, child)}`
  })
  return `{${members.join(',')}}`
}

/** A number that no column of integers takes. */
const NO_INTEGER = '0.5'

function restateInteger(value: unknown): string {
  // A double past 2^53 is no integer by inference, whatever it prints as.
  if (typeof value === 'number')
    return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : NO_INTEGER
  if (!isExactNumber(value)) return jsonOfValue(value)
  const parts = splitDecimal(value.text)
  if (parts === undefined || parts.exponent < 0 || parts.digits === '') return NO_INTEGER
  if (parts.digits.length + parts.exponent > 38) return NO_INTEGER
  return `${parts.negative ? '-' : ''}${parts.digits}${'0'.repeat(parts.exponent)}`
}

function restateDouble(value: number): string {
  if (Object.is(value, -0)) return '-0'
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? value.toExponential() : String(value)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isExactNumber(value)
}
