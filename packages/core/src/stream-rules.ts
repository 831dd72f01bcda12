import { fault, isFault, type Schema } from '@omni/spec'
import type { Arena } from './digest/arena.ts'
import { createMasker, type Masker, type MaskPolicy, type MaskRule } from './mask/index.ts'

/** Masks the streams of one run, of which each rule must fit at least one. */
export interface StreamRules {
  /** A masker with the rules that name a column of this stream; see {@link createMasker} for the arena. */
  maskerFor(schema: Schema, arena?: Arena): Masker
  /** The fault `config` for a rule that fitted no stream, when every stream had columns to fit. */
  checkAllUsed(): void
}

/** Rules for a run over so many streams. */
export function createStreamRules(policy: MaskPolicy, streams: number): StreamRules {
  const unused = new Set(policy.rules)
  let hadEmpty = false
  const fits = (schema: Schema, rule: MaskRule): boolean => {
    try {
      createMasker(schema, { ...policy, rules: [rule] })
      return true
    } catch (error) {
      if (isFault(error) && error.code === 'mask.column') return false
      throw error
    }
  }
  return {
    maskerFor(schema, arena) {
      // A stream that gave nothing has no columns that a rule could name.
      if (schema.fields.length === 0) hadEmpty = true
      const fitting =
        schema.fields.length === 0
          ? []
          : streams === 1
            ? policy.rules
            : policy.rules.filter((rule) => fits(schema, rule))
      const masker = createMasker(schema, { ...policy, rules: fitting }, arena)
      for (const rule of fitting) unused.delete(rule)
      return masker
    },
    checkAllUsed() {
      const [rule] = unused
      if (rule === undefined || hadEmpty || !policy.enabled) return
      throw fault({
        kind: 'config',
        code: 'mask.column',
        why: `No stream has the column "${rule.column}", which a mask names.`,
        fix: 'Correct the mask; `omni-collect preview` shows the columns.',
      })
    },
  }
}
