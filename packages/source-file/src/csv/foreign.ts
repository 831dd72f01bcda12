import { type Fitting, type Mended, mend, type Suspicion } from './mend.ts'
import { isTelling } from './profile.ts'
import { scanRecord } from './scan.ts'

/** Delimiters of another program, which a line may have been pasted from. */
const OTHERS = [',', ';', '\t', '|', ' ', ':'].map((delimiter) => delimiter.charCodeAt(0))

/** The one reading of a line with the delimiter of its table, or with the one other that fits better. */
export function mendLine(
  bytes: Uint8Array,
  start: number,
  end: number,
  fitting: Fitting,
  suspicion: Suspicion,
): Mended | undefined {
  const own = mend(bytes, start, end, fitting, suspicion)
  // Nothing fits better than a line with one thing wrong.
  if (own && own.cost <= 2) return own
  const foreign = mendForeign(bytes, start, end, fitting)
  if (!own || !foreign) return own ?? foreign
  if (own.cost === foreign.cost) return undefined
  return own.cost < foreign.cost ? own : foreign
}

function mendForeign(bytes: Uint8Array, start: number, end: number, fitting: Fitting): Mended | undefined {
  const { style: own, columns, profiles } = fitting
  if (!isTelling(profiles)) return undefined
  const { delimiterTail: _, ...plain } = own
  const line = bytes.subarray(start, end)
  const found: Mended[] = []
  for (const delimiter of OTHERS) {
    if (delimiter === own.delimiter || delimiter === own.quote || !line.includes(delimiter)) continue
    const style = { ...plain, delimiter, skipSpace: false }
    const scanned = scanRecord(bytes, start, end, style, true)
    if (!scanned || scanned.fields.length < columns) continue
    const mended = mend(bytes, start, end, { ...fitting, style }, { isLong: true })
    if (mended) found.push(mended)
  }
  return found.length === 1 ? found[0] : undefined
}
