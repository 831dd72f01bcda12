import type { Format } from '../format.ts'
import { decodeCsv } from './decode.ts'
import { planCsv, planNotes } from './plan.ts'

/** Delimited text as RFC 4180 has it, in any dialect. */
export const csv: Format = {
  access: 'stream',
  describe: (input, options) => {
    const plan = planCsv(input.head, input.fileName, options)
    return { notes: plan ? planNotes(plan) : ['no records'] }
  },
  decode: decodeCsv,
}
