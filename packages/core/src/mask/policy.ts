import { fault } from '@omni/spec'
import type { KindName } from './kinds.ts'

/**
 * What is done with a column. Later actions (hash, partial, tokenize) get a row in {@link ACTIONS} and a
 * replacement of values in `redact.ts`; nothing else knows the list.
 */
export type MaskAction = 'redact' | 'keep' | 'drop'

/** What each action means for a column. */
export const ACTIONS: Readonly<
  Record<MaskAction, { readonly summary: string; readonly masks: boolean; readonly keepsColumn: boolean }>
> = {
  redact: { summary: 'replace every value', masks: true, keepsColumn: true },
  keep: { summary: 'leave the column as it is', masks: false, keepsColumn: true },
  drop: { summary: 'leave the column out', masks: true, keepsColumn: false },
}

/** One rule a person gave: a column path (`a`, `a.b`, `a[].b`, `a.key`, `a.value`) and what to do with it. */
export interface MaskRule {
  readonly column: string
  readonly action: MaskAction
}

/** The masks in force for a run. */
export interface MaskPolicy {
  /** `detect`: by content in every text column, and by name. */
  readonly mode: 'detect'
  /** False only for `--no-mask`, which the report records. */
  readonly enabled: boolean
  readonly rules: readonly MaskRule[]
}

/** The policy without rules that is on by default. */
export const DEFAULT_POLICY: MaskPolicy = { mode: 'detect', enabled: true, rules: [] }

/** What was done with one column, for the manifest. */
export interface ColumnMask {
  /** Classes that were looked for. */
  readonly detectors: readonly KindName[]
  /** Values or spans replaced, by class. */
  readonly hits: Readonly<Partial<Record<KindName, number>>>
  readonly action: MaskAction
  /** Why: the content was swept, the name says so, or a rule does. */
  readonly by: 'content' | 'name' | 'rule'
}

/** What masking did in one stream. */
export interface MaskReport {
  readonly mode: 'detect'
  readonly enabled: boolean
  /** By column path, names masked. */
  readonly columns: Readonly<Record<string, ColumnMask>>
  /** The second look: blocks and text values it went over. Hits are always 0, or the run has failed. */
  readonly residual: { readonly blocks: number; readonly values: number; readonly hits: 0 }
  /** Blocks masked. */
  readonly blocks: number
}

/** Throws the fault `config` for a rule that cannot be followed. */
export function checkRules(rules: readonly MaskRule[]): void {
  const seen = new Map<string, MaskAction>()
  for (const { column, action } of rules) {
    if (!Object.hasOwn(ACTIONS, action)) {
      throw fault({
        kind: 'config',
        code: 'mask.action',
        why: `The mask "${String(action)}" of column "${column}" is not known.`,
        fix: `Use one of ${Object.keys(ACTIONS).join(', ')}.`,
      })
    }
    const before = seen.get(column)
    if (before !== undefined && before !== action) {
      throw fault({
        kind: 'config',
        code: 'mask.twice',
        why: `Column "${column}" has two masks, ${before} and ${action}.`,
        fix: 'Give one mask for each column.',
      })
    }
    seen.set(column, action)
  }
}
