/** `surrogate`: valid JSON, but half of a UTF-16 pair has no UTF-8, so that storing it would change it. */
export type ProblemKind = 'syntax' | 'depth' | 'surrogate'

/** Where and why a JSON text is wrong: thrown inside this folder, never out of it. */
export class JsonProblem {
  /** UTF-16 units from the start of the text that was parsed. */
  readonly offset: number
  /** Without a value of the data, as in `a comma is missing`. */
  readonly reason: string
  readonly kind: ProblemKind

  constructor(offset: number, reason: string, kind: ProblemKind = 'syntax') {
    this.offset = offset
    this.reason = reason
    this.kind = kind
  }
}

/** Arrays and objects inside each other, at most: deeper ones overflow the stack of whoever reads them next. */
export const MAX_DEPTH = 128

/** Bytes of one record, at most; V8 ends strings at 512 MiB. */
export const MAX_RECORD_BYTES: number = 128 * 1024 * 1024
