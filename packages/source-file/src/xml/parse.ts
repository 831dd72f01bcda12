import sax, { type SAXOptions } from 'sax'
import { xmlFault } from './errors.ts'

/** What a document holds, in its order; names have their prefixes. */
export interface XmlEvents {
  open(name: string, attributes: readonly (readonly [string, string])[]): void
  /** Text and CDATA, in pieces; references are resolved. */
  text(text: string): void
  close(): void
}

/** A push parser for one document. */
export interface XmlParser {
  write(text: string): void
  /** After the last piece: the document has to be complete. */
  end(): void
}

/** Elements inside each other, at most. */
const MAX_DEPTH = 128
/** Characters of one attribute, comment or text between two tags, at most. */
const MAX_TOKEN = 64 * 1024 * 1024

/** What is read of the parser besides its documented members. */
interface Buffers {
  readonly textNode: string
  readonly cdata: string
  readonly comment: string
  readonly attribValue: string
  readonly tagName: string
  readonly attribName: string
  readonly doctype: string | boolean
  readonly procInstBody: string
  readonly sgmlDecl: string
  readonly entity: string
  bufferCheckPosition: number
}

/** A strict parser that expands no entity but the five of XML itself, and fetches nothing. */
export function createXmlParser(events: XmlEvents): XmlParser {
  // Its types do not know the first of these.
  const settings: SAXOptions & { readonly strictEntities: true } = { strictEntities: true, position: true }
  const reader = sax.parser(true, settings)
  const buffers = reader as unknown as Buffers
  // It would end at comments and attributes of 64 KiB; the bound here is kept in `write`.
  buffers.bufferCheckPosition = Number.POSITIVE_INFINITY
  let attributes: [string, string][] = []
  let depth = 0
  let hasRoot = false

  const place = (): string => `line ${reader.line + 1}, column ${reader.column + 1}`
  reader.onerror = (error) => {
    if (error.message.startsWith('Invalid character entity')) {
      throw xmlFault('file.xml.entity', `An entity that XML itself does not have is used at ${place()}.`)
    }
    // Its text may quote the document.
    throw xmlFault('file.xml.syntax', `The XML is not well-formed at ${place()}.`)
  }
  reader.ondoctype = (doctype) => {
    if (/<!ENTITY/i.test(doctype)) {
      throw xmlFault('file.xml.entity', 'The document declares entities of its own.')
    }
  }
  reader.onattribute = ({ name, value }) => attributes.push([name, value])
  reader.onopentag = ({ name }) => {
    if (++depth > MAX_DEPTH) {
      throw xmlFault('file.xml.depth', `Elements nest more than ${MAX_DEPTH} deep at ${place()}.`)
    }
    hasRoot = true
    const own = attributes
    attributes = []
    events.open(name, own)
  }
  reader.onclosetag = () => {
    depth--
    events.close()
  }
  reader.ontext = (text) => events.text(text)
  reader.oncdata = (text) => events.text(text)

  const guarded = (work: () => void): void => {
    try {
      work()
    } catch (error) {
      // The parser trips over names such as hasOwnProperty.
      if (error instanceof TypeError)
        throw xmlFault('file.xml.syntax', `The XML cannot be read at ${place()}.`, error)
      throw error
    }
  }
  return {
    write: (text) =>
      guarded(() => {
        reader.write(text)
        const { textNode, cdata, comment, attribValue, tagName, attribName, doctype, procInstBody } = buffers
        const longest = [textNode, cdata, comment, attribValue, tagName, attribName, doctype, procInstBody]
        const more = [buffers.sgmlDecl, buffers.entity]
        if ([...longest, ...more].some((token) => typeof token === 'string' && token.length > MAX_TOKEN)) {
          throw xmlFault(
            'file.xml.record-size',
            `A text or attribute is longer than ${MAX_TOKEN} characters.`,
          )
        }
      }),
    end: () =>
      guarded(() => {
        reader.close()
        if (!hasRoot) throw xmlFault('file.xml.syntax', 'The file has no XML document.')
      }),
  }
}
