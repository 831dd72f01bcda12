import { fault } from '@omni/spec'
import { compile, type JSONPathQuery, type JSONValue } from 'json-p3'
import { isJsonArray, isJsonObject, type Json } from './types.ts'

/** Finds values in a document. */
export type Locate = (document: Json) => readonly Json[]

/** A path as it is written: JSONPath (RFC 9535) when it begins with `$`, else names with dots: `data.items`. */
export function compilePath(path: string): Locate {
  if (!path.startsWith('$')) {
    const names = path.split('.')
    return (document) => {
      let value: Json | undefined = document
      for (const name of names) value = stepInto(value, name)
      return value === undefined ? [] : [value]
    }
  }
  const query: JSONPathQuery = compile(path)
  return (document) => query.query(document as JSONValue).values() as Json[]
}

function stepInto(value: Json | undefined, name: string): Json | undefined {
  if (isJsonArray(value)) return /^\d+$/.test(name) ? value[Number(name)] : undefined
  return isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
}

/** Why a path is not valid, or undefined when it is. */
export function explainPath(path: string): string | undefined {
  if (path === '' || path.split('.').includes('')) {
    if (!path.startsWith('$')) return 'is neither a JSONPath ($.data.items) nor names with dots (data.items)'
  }
  try {
    compilePath(path)
    return undefined
  } catch (error) {
    return `is no JSONPath by RFC 9535: ${(error as Error).message}`
  }
}

/** Where the records of a page were found. */
export interface Page {
  readonly records: readonly Json[]
  /** For a person: `$`, `$.data`, or that the document is one record. */
  readonly where: string
  /** False when the document itself is the one record. */
  readonly isList: boolean
}

/** The records of a document: by the path given, else the document, else its only array, else it as one row. */
export function pickRecords(document: Json, locate: Locate | undefined): Page {
  if (locate !== undefined) return pickByPath(locate(document))
  if (isJsonArray(document)) return { records: document, where: '$', isList: true }
  if (isJsonObject(document)) {
    const arrays = Object.entries(document).filter(([, value]) => isJsonArray(value))
    const [only] = arrays
    if (only !== undefined && arrays.length === 1)
      return { records: only[1] as readonly Json[], where: `$.${only[0]}`, isList: true }
  }
  return { records: [document], where: 'the document is one record', isList: false }
}

function pickByPath(found: readonly Json[]): Page {
  const [first] = found
  if (first === undefined) {
    throw fault({
      kind: 'data',
      code: 'rest.records.missing',
      why: 'The path given as `records` finds nothing in the answer.',
      fix: 'Look at the answer, and correct `records`.',
    })
  }
  if (found.length > 1) return { records: found, where: 'by path', isList: true }
  if (isJsonArray(first)) return { records: first, where: 'by path', isList: true }
  return { records: first === null ? [] : [first], where: 'by path', isList: true }
}
