/** What went wrong, in the one classification that every source shares. */
export type FaultKind =
  /** The options, the locator or the configuration are wrong. */
  | 'config'
  /** The system refused who we are or what we may do. */
  | 'auth'
  /** The thing that was asked for is not there. */
  | 'missing'
  /** The system did not answer, or broke off. */
  | 'unavailable'
  /** The system asked us to slow down. */
  | 'throttled'
  /** The data cannot be decoded. */
  | 'data'
  /** The position no longer means anything to the system. */
  | 'position'
  /** Known, and not supported. */
  | 'unsupported'
  /** The run was stopped by its signal. */
  | 'aborted'
  /** A defect of ours. */
  | 'bug'

/** Kinds after which the same call may succeed. */
const RETRYABLE: ReadonlySet<FaultKind> = new Set<FaultKind>(['unavailable', 'throttled'])

/** What a {@link Fault} is made of. No field may hold a value from the data, or a secret. */
export interface FaultInit {
  readonly kind: FaultKind
  /** Dotted and stable, source first: `file.csv.ragged`. */
  readonly code: string
  /** One sentence: what is wrong, where. */
  readonly why: string
  /** One sentence: what the person can do next. */
  readonly fix: string
  /** Wait at least this long before trying again. */
  readonly retryAfterMs?: number
  /** The driver's error, for `causeOf`; never printed. */
  readonly cause?: unknown
}

/** A classified error: the only kind that leaves a source or core. */
export interface Fault extends Error {
  readonly kind: FaultKind
  readonly code: string
  readonly why: string
  readonly fix: string
  readonly retryable: boolean
  readonly retryAfterMs?: number
}

const BRAND: unique symbol = Symbol.for('omni.fault') as never
const CAUSE: unique symbol = Symbol.for('omni.fault.cause') as never

class OmniFault extends Error implements Fault {
  readonly kind: FaultKind
  readonly code: string
  readonly why: string
  readonly fix: string
  readonly retryable: boolean
  readonly retryAfterMs?: number

  constructor(init: FaultInit) {
    super(`${init.why} ${init.fix}`)
    this.name = 'Fault'
    this.kind = init.kind
    this.code = init.code
    this.why = init.why
    this.fix = init.fix
    this.retryable = RETRYABLE.has(init.kind)
    if (init.retryAfterMs !== undefined) this.retryAfterMs = init.retryAfterMs
    Object.defineProperty(this, BRAND, { value: true })
    // Not `cause`: util.inspect prints that, and a driver's error may quote data.
    if (init.cause !== undefined) Object.defineProperty(this, CAUSE, { value: init.cause })
  }
}

/** Makes a classified error; write `throw fault({ kind, code, why, fix })`. */
export function fault(init: FaultInit): Fault {
  return new OmniFault(init)
}

/** The fault of a run that was stopped by its signal. */
export function stopped(): Fault {
  return fault({ kind: 'aborted', code: 'run.aborted', why: 'The run was stopped.', fix: 'Run it again.' })
}

/** True for a classified error, whichever copy of this package made it. */
export function isFault(error: unknown): error is Fault {
  return typeof error === 'object' && error !== null && BRAND in error
}

/** The driver's error behind a fault, for a debugger. It may hold values of the data: never print or log it. */
export function causeOf(error: Fault): unknown {
  return (error as { [CAUSE]?: unknown })[CAUSE]
}
