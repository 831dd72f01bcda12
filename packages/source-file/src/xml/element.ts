import { xmlFault } from './errors.ts'
import { createXmlParser } from './parse.ts'

/** An element inside of a record. */
export interface Element {
  readonly name: string
  /** Without declarations of namespaces. */
  readonly attributes: readonly (readonly [string, string])[]
  readonly children: Element[]
  text: string
  /** `xsi:nil`: the element says that it is null; https://www.w3.org/TR/xmlschema-1/#xsi_nil */
  readonly isNil: boolean
}

/** A parser that gives every element at a path, whole. */
export interface RecordParser {
  /** The records that ended in this piece. */
  write(text: string): readonly Element[]
  end(): void
}

/** Characters of one record, at most. */
const MAX_RECORD = 128 * 1024 * 1024

/** `path` has names from the root element down, the root's own first. */
export function createRecordParser(path: readonly string[]): RecordParser {
  let found: Element[] = []
  let matched = 0
  let depth = 0
  let size = 0
  /** Elements that are open inside of a record, the record's own first. */
  const open: Element[] = []
  const grow = (characters: number): void => {
    size += characters
    if (size > MAX_RECORD) {
      throw xmlFault('file.xml.record-size', `A record has more than ${MAX_RECORD} characters.`)
    }
  }
  const parser = createXmlParser({
    open(name, attributes) {
      depth++
      const parent = open.at(-1)
      if (parent) {
        const element = createElement(name, attributes)
        grow(64 + attributes.reduce((sum, [key, value]) => sum + key.length + value.length, 0))
        parent.children.push(element)
        open.push(element)
      } else if (matched === depth - 1 && path[matched] === name) {
        matched++
        if (matched === path.length) {
          size = 0
          open.push(createElement(name, attributes))
        }
      }
    },
    text(text) {
      const element = open.at(-1)
      if (!element) return
      grow(text.length)
      element.text += text
    },
    close() {
      const element = open.pop()
      if (element && open.length === 0) found.push(element)
      depth--
      if (matched > depth) matched = depth
    },
  })
  return {
    write(text) {
      parser.write(text)
      const records = found
      found = []
      return records
    },
    end: () => parser.end(),
  }
}

function createElement(name: string, attributes: readonly (readonly [string, string])[]): Element {
  const isNil = attributes.some(([key, value]) => key === 'xsi:nil' && (value === 'true' || value === '1'))
  const own = attributes.filter(([key]) => key !== 'xsi:nil' && key !== 'xmlns' && !key.startsWith('xmlns:'))
  return { name, attributes: own, children: [], text: '', isNil }
}
