import { type Fault, type FaultKind, fault } from '@omni/spec'

type OrcCode =
  | 'file.orc.truncated'
  | 'file.orc.corrupt'
  | 'file.orc.encrypted'
  | 'file.orc.unsupported'
  | 'file.orc.size'
  | 'file.orc.packed'
  | 'file.orc.zone'
  | 'file.orc.stripes'

const FAULTS: Readonly<Record<OrcCode, readonly [FaultKind, string]>> = {
  'file.orc.truncated': ['data', 'Copy or download the file again, in full.'],
  'file.orc.corrupt': ['data', 'Copy or download the file again; if it stays so, its writer made it wrong.'],
  'file.orc.encrypted': ['unsupported', 'Decrypt it first, or write it again without column encryption.'],
  'file.orc.unsupported': ['unsupported', 'Write the file again without it.'],
  'file.orc.size': ['unsupported', 'Write the file again with smaller stripes or values.'],
  'file.orc.packed': ['unsupported', 'Unpack or download it first: ORC is read from its end.'],
  'file.orc.stripes': ['config', 'Correct --stripes.'],
  'file.orc.zone': ['config', 'Name an IANA time zone, as in America/New_York.'],
}

/** The fault of that code; `why` says what and where, without a value of the data. */
export function orcFault(code: OrcCode, why: string, cause?: unknown): Fault {
  const [kind, fix] = FAULTS[code]
  return fault({ kind, code, why, fix, ...(cause === undefined ? {} : { cause }) })
}

/** Damage in a place that a person can find again. */
export function damaged(what: string, cause?: unknown): Fault {
  return orcFault('file.orc.corrupt', `The ORC file is damaged: ${what}.`, cause)
}
