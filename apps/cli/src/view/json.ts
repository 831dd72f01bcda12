import type { Out } from '../io.ts'

/**
 * Prints a result for a program: `json` is one value; `ndjson` is one line for it, or for each item of a list.
 * 64-bit integers are written as text, so that no reader rounds them; bytes as base64.
 */
export function printJson(out: Out, output: 'json' | 'ndjson', value: unknown): void {
  if (output === 'json') {
    out.write(`${JSON.stringify(value, plain, 2)}\n`)
    return
  }
  const items: readonly unknown[] = Array.isArray(value) ? value : [value]
  out.write(items.map((item) => `${JSON.stringify(item, plain)}\n`).join(''))
}

function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  return value
}
