import { causeOf, type Fault, fault, isFault, type Source } from '@omni/spec'
import { storageFault } from '../encode/index.ts'
import type { Redactor } from '../redact/redactor.ts'
import { DISK_FAULTS, NETWORK_FAULTS } from './table.ts'

/** Makes any error of a source a fault without secrets: its own table first, then the general one, else `bug`. */
export function sourceFault(error: unknown, source: Source, redactor: Redactor): Fault {
  if (isFault(error)) return redactFault(error, redactor)
  const known = classifyBy(source, error)
  if (known) return redactFault(fault({ cause: error, ...known }), redactor)
  const row = rowOf(error, NETWORK_FAULTS) ?? rowOf(error, DISK_FAULTS)
  if (row) return fault({ ...row, cause: error })
  return fault({
    kind: 'bug',
    code: `${source.name}.unclassified`,
    why: `The source ${source.name} failed with ${nameOf(error)}, which it does not classify.`,
    fix: 'Report it to the author of the source.',
    cause: error,
  })
}

/** Mean something else for a folder of ours than for a file of a source. */
const WRITE_CODES: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EACCES', 'EPERM', 'EROFS'])

/** Makes any error of core's own work on the local disk a fault. */
export function diskFault(error: unknown): Fault {
  if (isFault(error)) return error
  const { code } = (error ?? {}) as NodeJS.ErrnoException
  if (code !== undefined && WRITE_CODES.has(code)) return storageFault(error)
  const row = rowOf(error, DISK_FAULTS)
  if (row) return fault({ ...row, cause: error })
  return fault({
    kind: 'bug',
    code: 'core.unexpected',
    why: `OmniCollector failed with ${nameOf(error)}.`,
    fix: 'Report it, with what you ran.',
    cause: error,
  })
}

/** The fault of a run that its signal stopped. */
export function abortedFault(): Fault {
  return fault({
    kind: 'aborted',
    code: 'run.aborted',
    why: 'The run was stopped; nothing was written.',
    fix: 'Run it again: it begins where the last snapshot ended.',
  })
}

/** The same fault without the collector's secrets. */
export function redactFault(error: Fault, redactor: Redactor): Fault {
  const why = redactor.text(error.why)
  const fix = redactor.text(error.fix)
  if (why === error.why && fix === error.fix) return error
  const cause = causeOf(error)
  return fault({
    kind: error.kind,
    code: error.code,
    why,
    fix,
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
    ...(cause === undefined ? {} : { cause }),
  })
}

/** A source's table may itself fail on an odd error; then the error counts as unknown. */
function classifyBy(source: Source, error: unknown): ReturnType<NonNullable<Source['classify']>> {
  try {
    return source.classify?.(error)
  } catch {
    return undefined
  }
}

/** The row of an error by its code, its causes, and those of an AggregateError (as a failed connect to two addresses is). */
export function rowOf<Row>(error: unknown, table: Readonly<Record<string, Row>>, depth = 0): Row | undefined {
  if (typeof error !== 'object' || error === null || depth > 5) return undefined
  const { code, cause, errors } = error as { code?: unknown; cause?: unknown; errors?: unknown }
  if (typeof code === 'string' && Object.hasOwn(table, code)) return table[code]
  for (const inner of [cause, ...(Array.isArray(errors) ? errors : [])]) {
    const row = rowOf(inner, table, depth + 1)
    if (row) return row
  }
  return undefined
}

/** The error's class: never its message, which may quote data. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return `a thrown ${typeof error}`
  const name = /^[A-Za-z]{1,60}$/.test(error.constructor.name) ? error.constructor.name : 'Error'
  const { code } = error as NodeJS.ErrnoException
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,60}$/.test(code) ? `${name} (${code})` : name
}
