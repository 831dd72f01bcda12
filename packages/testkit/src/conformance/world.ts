import type { Collector, Limits, Position, Row } from '@omni/spec'

/**
 * What an author brings to the conformance suite: a real system that can be seeded and broken. Members that are
 * left out make the checks that need them not apply, which the report says.
 */
export interface World {
  /** A collector for the seeded system. Called often; each call gives a new one. */
  collector(): Collector
  /** Stream to read; by default the first that `discover` gives. */
  readonly stream?: string
  /**
   * Puts the records of one read into the system, and says what must come out. Called before each read of a
   * source without `replay`, and once for the others.
   */
  seed(): Promise<Expected>
  /** Options that must be refused, with the paths that the fault must name. */
  readonly wrongOptions: readonly { readonly options: unknown; readonly paths: readonly string[] }[]
  /** Literal secrets that are in the collector's options, and must show up nowhere. */
  readonly secrets?: readonly string[]
  /** Literal values of the data (also of records that cannot be decoded) that no message may hold. */
  readonly values?: readonly string[]
  /** The same system, with a stream that is not there. */
  missing?(): Collector
  /** The same source, pointed at a system that does not answer. */
  away?(): Collector
  /** The same source, with a login that the system refuses. */
  refused?(): Collector
  /** A collector for a read in which at least one record cannot be decoded, and what must come out. */
  corrupt?(): Promise<Expected & { readonly collector: Collector; readonly rejected: number }>
  /** A collector for a read that has to restart, and what must come out of it. */
  restarting?(): Promise<Expected & { readonly collector: Collector }>
  /** Adds records after a first read, and gives those that a resumed read must now give. */
  append?(): Promise<Expected>
  /** A position that the system no longer knows. */
  readonly stalePosition?: Position
  /** Bytes that the system has handed out so far; for back-pressure. */
  served?(): Promise<number>
  /** How many records the system counts as acknowledged, committed or gone. */
  acknowledged?(): Promise<number>
  /** Ends a read of an unbounded source: for example, a limit. Merged into the read request. */
  readonly limit?: number
  dispose?(): Promise<void>
}

export interface Expected {
  /** How many records come out. */
  readonly records: number
  /** Where given, exactly these rows, in this order, as `rowAt` of @omni/arrow gives them. */
  readonly rows?: readonly Row[]
}

/** Limits that the suite reads with unless a check sets its own. */
export const LIMITS: Limits = { chunkRows: 1024, chunkBytes: 1 << 20, bufferBytes: 4 << 20 }
