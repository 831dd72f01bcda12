import type { Chain } from './digits.ts'

/** What the column's own name says about bare runs of digits in it. */
export type NumberHint = 'none' | 'identifier'

/** What stands before the first digit: where the number may begin, and whether a plus or bracket is there. */
export interface Lead {
  start: number
  plus: boolean
  open: boolean
}

/** One chain of digit groups in its cell [from, to) of `b`, as the rules look at it. Reused. */
export interface Reading {
  b: Uint8Array
  from: number
  to: number
  readonly chain: Chain
  /** 1 for groups that are part of a date, a clock, an address of a host, a card or an account. */
  blocked: Uint8Array
  readonly lead: Lead
  hint: NumberHint
  /** The group after the last number found in this chain. */
  next: number
  /** What the words before say: 1 a phone number, -1 another number, 0 nothing; undefined until asked. */
  context: number | undefined
}
