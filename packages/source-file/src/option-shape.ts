import type { z } from 'zod'

/** One schema an option; a person may leave every one of them out. */
export type OptionShape<Options> = {
  readonly [Name in keyof Options]-?: z.ZodType<Options[Name], Options[Name] | undefined>
}
