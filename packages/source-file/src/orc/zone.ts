import { orcFault } from './errors.ts'

/** A time zone with its history. */
export interface Zone {
  /** Seconds east of UTC at an instant, in seconds since the epoch. */
  offsetAt(seconds: number): number
}

/** Java's table of zones begins here: before, it takes the zone's present standard offset, not local mean time. */
const JAVA_FIRST = -2_208_988_800

/** Rules of before and after these years are alike, so that other years need not be asked for. */
const FIRST_YEAR = 1700
const LAST_YEAR = 2500
/** After 400 years the Gregorian calendar repeats, week days too. */
const CYCLE_SECONDS = 146_097 * 86_400
/** Shorter than any time between two changes of a zone. */
const STEP_SECONDS = 7 * 86_400
/** Seconds of a span whose changes are found at once: about a year. */
const SPAN_SECONDS = 52 * STEP_SECONDS

/** Offsets of a span: `offsets[i]` holds before `ends[i]`, the last to the end of the span. */
interface Span {
  readonly ends: readonly number[]
  readonly offsets: readonly number[]
}

/** A zone of the IANA database (or a fixed offset), as Java or everyone else reads its history. */
export function createZone(name: string, isJava: boolean): Zone {
  const fixed = fixedOffset(name)
  if (fixed !== undefined) return { offsetAt: () => fixed }
  const ask = offsetsOf(name)
  const first = Date.UTC(FIRST_YEAR, 0, 1) / 1000
  const last = Date.UTC(LAST_YEAR, 0, 1) / 1000
  const standard = isJava ? standardOffset(ask) : 0
  const spans: (Span | undefined)[] = []
  return {
    offsetAt(seconds) {
      let instant = seconds
      if (isJava && instant < JAVA_FIRST) return standard
      if (instant < first) instant = first
      else if (instant >= last) instant -= Math.ceil((instant - last + 1) / CYCLE_SECONDS) * CYCLE_SECONDS
      const index = Math.floor((instant - first) / SPAN_SECONDS)
      spans[index] ??= findChanges(ask, first + index * SPAN_SECONDS)
      const { ends, offsets } = spans[index]
      for (let i = 0; i < ends.length; i++) if (instant < (ends[i] as number)) return offsets[i] as number
      return offsets.at(-1) as number
    },
  }
}

function findChanges(ask: (seconds: number) => number, start: number): Span {
  const ends: number[] = []
  const offsets = [ask(start)]
  for (let at = start; at < start + SPAN_SECONDS; at += STEP_SECONDS) {
    const next = ask(at + STEP_SECONDS)
    const offset = offsets.at(-1)
    if (next === offset) continue
    let near = at
    let far = at + STEP_SECONDS
    while (far - near > 1) {
      const middle = Math.floor((near + far) / 2)
      if (ask(middle) === offset) near = middle
      else far = middle
    }
    ends.push(far)
    offsets.push(next)
  }
  return { ends, offsets }
}

/** The offset without summer time: the smallest of a year. */
function standardOffset(ask: (seconds: number) => number): number {
  const months = Array.from({ length: 12 }, (_, month) => ask(Date.UTC(2025, month, 1) / 1000))
  return Math.min(...months)
}

/** Offsets from the runtime's own copy of the database. */
function offsetsOf(name: string): (seconds: number) => number {
  let format: Intl.DateTimeFormat
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch (error) {
    throw orcFault('file.orc.zone', `The time zone ${JSON.stringify(name)} is not known.`, error)
  }
  return (seconds) => {
    const [month, day, year, hour, minute, second] = format
      .formatToParts(seconds * 1000)
      .filter(({ type }) => type !== 'literal')
      .map(({ value }) => Number(value)) as [number, number, number, number, number, number]
    return Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - seconds
  }
}

/** Names of Java for a fixed offset, and of UTC. */
function fixedOffset(name: string): number | undefined {
  if (/^(?:UTC|GMT|Z|UCT|Etc\/(?:UTC|GMT|UCT))$/.test(name)) return 0
  const match = /^(?:GMT|UTC)?([+-])(\d{1,2}):?(\d{2})?$/.exec(name)
  if (!match) return undefined
  const seconds = Number(match[2]) * 3600 + Number(match[3] ?? 0) * 60
  return match[1] === '-' ? -seconds : seconds
}
