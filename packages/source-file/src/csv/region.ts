import type { CsvRejected } from '@omni/kernels'
import { mendLine } from './foreign.ts'
import { type Fitting, type Mended, mend } from './mend.ts'
import { isTelling } from './profile.ts'
import { isBlank, lineAfter, scanRecord } from './scan.ts'

/** What became of a record whose end is in doubt. */
export interface Settled {
  /** How far it reaches, without and with its line end, and the lines of it. */
  readonly end: number
  readonly next: number
  readonly lines: number
  /** Its one reading; undefined where it has none. */
  readonly mended?: Mended
}

/** Bytes after its start that may say where such a record ends. */
export const LOOKAHEAD_BYTES: number = 64 * 1024
/** Lines that one such record may have. */
const MAX_LINES = 64

/**
 * Where the record at `start` of `bytes` ends, and what it says. It depends on the next {@link LOOKAHEAD_BYTES} alone,
 * of which undefined says that they are not there yet. Without `isWorth` only its end is looked for.
 */
export function settle(
  bytes: Uint8Array,
  start: number,
  record: Pick<CsvRejected, 'why'> & { readonly end: number; readonly next: number },
  fitting: Fitting,
  isLast: boolean,
  isWorth: boolean,
): Settled | undefined {
  const to = Math.min(bytes.length, start + LOOKAHEAD_BYTES)
  const isAll = isLast && to === bytes.length
  if (!isAll && to - start < LOOKAHEAD_BYTES) return undefined
  const lines = linesFrom(bytes, start, to, isAll)
  const first = lines[0]
  // One line fills all that is seen: nobody can say more of it than the strict rules do.
  if (!first) return { end: record.end, next: record.next, lines: 1 }
  return record.why === 'ragged' && record.end <= to
    ? settleRagged(bytes, start, record.end, lines, fitting)
    : settleQuotes(bytes, start, to, isAll, lines, fitting, isWorth)
}

interface Line {
  readonly end: number
  readonly next: number
}

function linesFrom(bytes: Uint8Array, start: number, to: number, isLast: boolean): Line[] {
  const lines: Line[] = []
  for (let at = start; at < to && lines.length < MAX_LINES; ) {
    const line = lineAfter(bytes, at, to, isLast)
    if (!line) break
    lines.push(line)
    at = line.next
  }
  return lines
}

/** Its quotes do not fit: the fewest lines that have one reading, or after which the table goes on. */
function settleQuotes(
  bytes: Uint8Array,
  start: number,
  to: number,
  isLast: boolean,
  lines: readonly Line[],
  fitting: Fitting,
  isWorth: boolean,
): Settled {
  const knows = isTelling(fitting.profiles)
  let goesOn = -1
  for (const [i, { end, next }] of lines.entries()) {
    const isFollowed = followsRecord(bytes, next, to, isLast, fitting)
    if (isFollowed && goesOn < 0) goesOn = i
    if (!isWorth && isFollowed) break
    if (!isWorth || (!isFollowed && !(knows && i === 0))) continue
    const mended = i === 0 ? mendLine(bytes, start, end, fitting, {}) : mend(bytes, start, end, fitting, {})
    if (mended) return { end, next, lines: i + 1, mended }
    // A record of many lines is rare, and one that is broken too is rarer than several that are.
    if (goesOn >= 0 && i >= goesOn + 8) break
  }
  const last = Math.max(0, goesOn)
  const { end, next } = lines[last]!
  return { end, next, lines: last + 1 }
}

/** Of several lines, with quotes that fit: as one record, or as one that is broken and others that are not. */
function settleRagged(
  bytes: Uint8Array,
  start: number,
  end: number,
  lines: readonly Line[],
  fitting: Fitting,
): Settled {
  const count = lines.findIndex((line) => line.end >= end) + 1
  const whole = lines[count - 1] ?? lines[lines.length - 1]!
  const mended = mend(bytes, start, end, fitting, {})
  if (mended) return { end, next: whole.next, lines: count, mended }
  const alone = mend(bytes, start, lines[0]!.end, fitting, {})
  const others = lines.slice(1, count)
  const areRecords = others.every((line, i) => isRecord(bytes, lines[i]!.next, line.end, fitting))
  if (alone && others.length > 1 && areRecords) return { ...lines[0]!, lines: 1, mended: alone }
  return { end, next: whole.next, lines: count }
}

function isRecord(bytes: Uint8Array, from: number, to: number, { style, columns }: Fitting): boolean {
  const found = scanRecord(bytes, from, to, style, true)
  return found !== undefined && !found.broken && found.end === to && found.fields.length === columns
}

/** Whether a record of the table begins at `at`, or nothing does. */
function followsRecord(
  bytes: Uint8Array,
  at: number,
  to: number,
  isLast: boolean,
  { style, columns }: Fitting,
): boolean {
  if (at >= to) return isLast
  const found = scanRecord(bytes, at, to, style, isLast)
  if (!found) return false
  return isBlank(found) || (!found.broken && found.fields.length === columns)
}
