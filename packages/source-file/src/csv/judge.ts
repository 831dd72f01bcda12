import type { CsvInsert, CsvRejected } from '@omni/kernels'
import type { Rejected } from '@omni/spec'
import type { Repaired } from '../format.ts'
import { mendLine } from './foreign.ts'
import { type Mended, mend } from './mend.ts'
import type { CsvPlan } from './plan.ts'
import { fits, isTelling } from './profile.ts'
import { fieldBytes, fieldText, type Scanned, type Style, scanRecord } from './scan.ts'

/** What became of records that did not fit: those that have one reading, and those that have not. */
export interface Verdicts {
  readonly inserted: CsvInsert[]
  readonly repaired: Repaired[]
  readonly rejected: Rejected[]
}

/** Judges the records of a file, in their order, that the splitter did not keep. */
export interface Judge {
  /** A record of one line, at its place in `part`. */
  judge(record: CsvRejected, part: Uint8Array, verdicts: Verdicts): void
  /** A record whose end was in doubt; its `end` is the one that was found. */
  conclude(record: CsvRejected, part: Uint8Array, mended: Mended | undefined, verdicts: Verdicts): void
}

/** After so many records of one width without a reading, the others have none either. */
const HOPELESS = 200

/** A judge for one pass over a file. */
export function createJudge(plan: CsvPlan): Judge {
  const { dialect, fitting, header, comment, repairs } = plan
  const { columns } = dialect
  const isNamed = new Set(header.cells.filter((cell) => cell !== ''))
  // Fields of a second table that began, in the shape of a header that is not the first one's.
  let otherFields = -1
  // By their number of fields, the records that were tried.
  const odd = { tried: 0, mended: 0 }
  const tries = new Map<number, { tried: number; mended: number }>()

  function accept(record: CsvRejected, fields: CsvInsert['fields'], verdicts: Verdicts): void {
    const { start, end, line, before } = record
    verdicts.inserted.push({ before, start, end, line, fields })
  }

  function repair(record: CsvRejected, mended: Mended, verdicts: Verdicts): void {
    accept(record, mended.fields, verdicts)
    const reason =
      record.why === 'ragged'
        ? `had ${countOf(record.fields)} where ${columns} belong`
        : 'had a quote that does not fit'
    verdicts.repaired.push({ locator: `line ${record.line}`, code: `file.csv.${record.why}`, reason })
  }

  function reject(record: CsvRejected, part: Uint8Array, verdicts: Verdicts, code?: string): void {
    const reasons: Record<string, string> = {
      ragged: `has ${countOf(record.fields)} where ${columns} belong`,
      quote: 'has text between a closing quote and the next delimiter',
      odd: 'has a quote in the middle of one field, and one at the end of another',
      unclosed: 'opens a quote that is never closed',
      'other-table': `belongs to a second table, of ${countOf(record.fields)}`,
    }
    const name = code ?? record.why
    verdicts.rejected.push({
      locator: `line ${record.line}`,
      code: `file.csv.${name === 'odd' ? 'quote' : name}`,
      reason: reasons[name] ?? '',
      raw: part.slice(record.start, record.end),
    })
  }

  /** Whether a record of another width names columns that the header has too. */
  function isOtherHeader(scanned: Scanned, part: Uint8Array): boolean {
    if (isNamed.size < 2 || scanned.fields.length < 2) return false
    const known = scanned.fields.filter((field) => isNamed.has(fieldText(part, field, dialect)))
    return known.length > 1 && known.length * 2 >= scanned.fields.length
  }

  function judgeRagged(record: CsvRejected, part: Uint8Array, verdicts: Verdicts): void {
    const { start, end } = record
    if (record.fields === otherFields) {
      reject(record, part, verdicts, 'other-table')
      return
    }
    const seen = tries.get(record.fields) ?? { tried: 0, mended: 0 }
    tries.set(record.fields, seen)
    if (seen.mended === 0 && seen.tried >= HOPELESS) {
      reject(record, part, verdicts)
      return
    }
    const scanned = scanRecord(part, start, end, dialect, true)
    if (scanned && isOtherHeader(scanned, part)) {
      otherFields = record.fields
      reject(record, part, verdicts, 'other-table')
      return
    }
    const suspicion = { isShort: record.fields < columns, isLong: record.fields > columns }
    const mended = repairs ? mendLine(part, start, end, fitting, suspicion) : undefined
    seen.tried++
    if (mended) seen.mended++
    if (mended) repair(record, mended, verdicts)
    else reject(record, part, verdicts)
  }

  /** An inch sign is a value; a field that was cut within its quotes is none. */
  function judgeOdd(record: CsvRejected, part: Uint8Array, verdicts: Verdicts): void {
    const { start, end } = record
    const scanned = scanRecord(part, start, end, dialect, true)!
    const texts = scanned.fields.map((field) => finish(part, field, dialect))
    if (isPlausible(scanned, texts, part, plan)) {
      accept(record, texts, verdicts)
      return
    }
    const isWorth = repairs && isTelling(fitting.profiles) && (odd.mended > 0 || odd.tried++ < HOPELESS)
    const mended = isWorth ? mend(part, start, end, fitting, {}) : undefined
    if (mended) odd.mended++
    if (mended) repair(record, mended, verdicts)
    else if (isCutWithinQuotes(scanned, part, dialect)) reject(record, part, verdicts)
    else accept(record, texts, verdicts)
  }

  return {
    judge(record, part, verdicts) {
      if (comment >= 0 && part[record.start] === comment) return
      if (record.why === 'odd') judgeOdd(record, part, verdicts)
      else judgeRagged(record, part, verdicts)
    },
    conclude(record, part, mended, verdicts) {
      if (otherFields >= 0) reject(record, part, verdicts, 'other-table')
      else if (mended && repairs) repair(record, mended, verdicts)
      else reject(record, part, verdicts)
    },
  }
}

function countOf(fields: number): string {
  return `${fields} ${fields === 1 ? 'field' : 'fields'}`
}

function finish(part: Uint8Array, field: Scanned['fields'][number], style: Style): Uint8Array | null {
  const text = fieldBytes(part, field, style)
  if (field.isQuoted) return text
  const { nullText } = style
  return text.length === 0 || (nullText && Buffer.compare(text, nullText) === 0) ? null : text
}

function isPlausible(
  { fields }: Scanned,
  texts: readonly (Uint8Array | null)[],
  part: Uint8Array,
  plan: CsvPlan,
): boolean {
  const { profiles } = plan.fitting
  if (!isTelling(profiles)) return !isCutWithinQuotes({ fields }, part, plan.dialect)
  return texts.every((text, i) => fits(profiles[i]!, text ?? new Uint8Array(), fields[i]!.isQuoted))
}

/** Whether a quote stands within one field, and one ends a later: what quotes kept together was cut. */
function isCutWithinQuotes({ fields }: Pick<Scanned, 'fields'>, part: Uint8Array, { quote }: Style): boolean {
  const plain = fields.filter(({ isQuoted }) => !isQuoted)
  const opening = plain.findIndex(({ from, to }) => part.subarray(from, to - 1).includes(quote))
  return opening >= 0 && plain.some(({ from, to }, i) => i > opening && to > from && part[to - 1] === quote)
}
