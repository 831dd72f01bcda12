import { type Fault, type FaultKind, fault } from '@omni/spec'

type XmlCode =
  | 'file.xml.syntax'
  | 'file.xml.entity'
  | 'file.xml.encoding'
  | 'file.xml.depth'
  | 'file.xml.record-size'

const FAULTS: Readonly<Record<XmlCode, readonly [FaultKind, string]>> = {
  'file.xml.syntax': ['data', 'Correct the document; no part of it is read until it is well-formed.'],
  'file.xml.entity': [
    'data',
    'Write what the entity stands for in its place; entities are not expanded, since a few can fill any memory.',
  ],
  'file.xml.encoding': ['data', 'Name the encoding in the XML declaration, or convert the file to UTF-8.'],
  'file.xml.depth': ['unsupported', 'Flatten the document before collecting it.'],
  'file.xml.record-size': ['unsupported', 'Name a smaller repeated element with --records.'],
}

/** The fault of that code; `why` says what and where, without a value of the data. */
export function xmlFault(code: XmlCode, why: string, cause?: unknown): Fault {
  const [kind, fix] = FAULTS[code]
  return fault({ kind, code, why, fix, ...(cause === undefined ? {} : { cause }) })
}
