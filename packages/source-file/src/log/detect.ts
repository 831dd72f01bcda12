import { isFault } from '@omni/spec'
import { findEncoding, headToUtf8 } from '../csv/encoding.ts'
import type { Head } from '../format.ts'
import { compilePattern, type LogPattern } from './pattern.ts'

/** Lines of which nine in ten have to be of a pattern. */
const SAMPLE_LINES = 50
const MATCHING = 0.9
/** How surely a head is a log of a known pattern. */
export function detectLog(head: Head): number {
  return guessPattern(head, undefined) ? 0.96 : 0
}

/** The known pattern that nine in ten lines of the head have. */
export function guessPattern(head: Head, encoding: string | undefined): LogPattern | undefined {
  const lines = sampleOf(head, encoding)
  if (lines.length === 0) return undefined
  return ['combined', 'common'].map(compilePattern).find((pattern) => {
    const matching = lines.filter((line) => valuesOf(pattern, line) !== undefined).length
    return matching >= lines.length * MATCHING
  })
}

function sampleOf(head: Head, encoding: string | undefined): readonly string[] {
  try {
    const text = Buffer.from(
      headToUtf8(head.bytes.subarray(0, 65_536), findEncoding(head.bytes, encoding, head.complete)),
    ).toString('utf8')
    const lines = text.split(/\r?\n/)
    if (!head.complete && lines.length > 1) lines.pop()
    return lines.slice(0, SAMPLE_LINES).filter((line) => line !== '')
  } catch (error) {
    if (isFault(error)) return []
    throw error
  }
}

/** The values of a line, or undefined where it is not of the pattern. */
export function valuesOf(pattern: LogPattern, line: string): (string | bigint | null)[] | undefined {
  const texts = pattern.match(line)
  if (!texts) return undefined
  const values = texts.map((text, i) => pattern.columns[i]?.parse(text))
  return values.includes(undefined) ? undefined : (values as (string | bigint | null)[])
}
