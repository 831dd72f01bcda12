import { type Fault, type FaultKind, fault } from '@omni/spec'

type ArrowCode =
  | 'file.arrow.corrupt'
  | 'file.arrow.truncated'
  | 'file.arrow.size'
  | 'file.arrow.unsupported'
  | 'file.arrow.feather-v1'

const FAULTS: Readonly<Record<ArrowCode, readonly [FaultKind, string]>> = {
  'file.arrow.corrupt': [
    'data',
    'Copy or download the file again; if it stays so, its writer made it wrong.',
  ],
  'file.arrow.truncated': ['data', 'Copy or download the file again, in full.'],
  'file.arrow.size': ['unsupported', 'Write the file again with smaller record batches.'],
  'file.arrow.unsupported': ['unsupported', 'Convert what is not read, or leave it out with --columns.'],
  'file.arrow.feather-v1': [
    'unsupported',
    'Read it with a pyarrow before 24 or with R, and write it as Feather v2 or Parquet.',
  ],
}

/** The fault of that code; `why` says what and where, without a value of the data. */
export function arrowFault(code: ArrowCode, why: string, cause?: unknown): Fault {
  const [kind, fix] = FAULTS[code]
  return fault({ kind, code, why, fix, ...(cause === undefined ? {} : { cause }) })
}

/** The file is not what the specification says. */
export function corrupt(what: string): Fault {
  return arrowFault('file.arrow.corrupt', `The Arrow file is damaged: ${what}.`)
}
