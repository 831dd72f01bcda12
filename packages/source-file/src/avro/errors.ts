import { type Fault, type FaultKind, fault } from '@omni/spec'

type AvroCode =
  | 'file.avro.truncated'
  | 'file.avro.corrupt'
  | 'file.avro.schema'
  | 'file.avro.codec'
  | 'file.avro.unsupported'
  | 'file.avro.size'

const FAULTS: Readonly<Record<AvroCode, readonly [FaultKind, string]>> = {
  'file.avro.truncated': ['data', 'Copy or download the file again, in full.'],
  'file.avro.corrupt': ['data', 'Copy or download the file again; if it stays so, its writer made it wrong.'],
  'file.avro.schema': ['data', 'Correct the schema that the writer puts into the file.'],
  'file.avro.codec': [
    'unsupported',
    'Write the file again with null, deflate, snappy, zstandard, bzip2 or xz.',
  ],
  'file.avro.unsupported': ['unsupported', 'Write the file again without it.'],
  'file.avro.size': ['unsupported', 'Write the file again with smaller blocks or records.'],
}

/** The fault of that code; `why` says what and where, without a value of the data. */
export function avroFault(code: AvroCode, why: string, cause?: unknown): Fault {
  const [kind, fix] = FAULTS[code]
  return fault({ kind, code, why, fix, ...(cause === undefined ? {} : { cause }) })
}

/** What is wrong inside a block, before it is known which block it is. */
export class Damage {
  readonly what: string
  readonly code: 'file.avro.corrupt' | 'file.avro.size'

  constructor(what: string, code: 'file.avro.corrupt' | 'file.avro.size' = 'file.avro.corrupt') {
    this.what = what
    this.code = code
  }
}
