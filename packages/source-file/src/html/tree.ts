import type { DefaultTreeAdapterTypes } from 'parse5'
import { fileFault } from '../errors.ts'

export type Element = DefaultTreeAdapterTypes.Element
type Node = DefaultTreeAdapterTypes.ChildNode | DefaultTreeAdapterTypes.Document

/** Elements inside each other, at most. */
const MAX_DEPTH = 512
/** Elements that begin a new line. */
const BLOCKS: ReadonlySet<string> = new Set([
  'p',
  'div',
  'li',
  'ul',
  'ol',
  'dl',
  'dt',
  'dd',
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
  'blockquote',
  'pre',
])
/** Elements that have no text of the page. */
const SILENT: ReadonlySet<string> = new Set(['script', 'style', 'template', 'noscript', 'table'])

/** Children of these names. */
export function elementsIn(parent: Element, names: readonly string[]): Element[] {
  return parent.childNodes.filter(
    (node): node is Element => 'tagName' in node && names.includes(node.tagName),
  )
}

/** Every table in the order of the page, those inside of others after them. */
export function tablesIn(document: DefaultTreeAdapterTypes.Document): readonly Element[] {
  const found: Element[] = []
  walk(document, 0, (element) => {
    if (element.tagName === 'table') found.push(element)
  })
  return found
}

function walk(node: Node, depth: number, visit: (element: Element) => void): void {
  if (depth > MAX_DEPTH) throw fileFault('file.html.depth', `Elements nest more than ${MAX_DEPTH} deep.`)
  if ('tagName' in node) visit(node)
  if ('childNodes' in node) for (const child of node.childNodes) walk(child, depth + 1, visit)
}

/** The text as a page shows it: white space is one blank, `<br>` and blocks are new lines, a table inside is not part of it. */
export function textIn(element: Element): string {
  const pieces: string[] = []
  gather(element, 0, pieces)
  return pieces
    .join('')
    .split('\n')
    .map((line) => line.replace(/[ \t\r\f]+/g, ' ').trim())
    .join('\n')
    .replace(/\n{2,}/g, '\n')
    .trim()
}

function gather(element: Element, depth: number, pieces: string[]): void {
  if (depth > MAX_DEPTH) throw fileFault('file.html.depth', `Elements nest more than ${MAX_DEPTH} deep.`)
  for (const node of element.childNodes) {
    if (node.nodeName === '#text')
      pieces.push((node as DefaultTreeAdapterTypes.TextNode).value.replaceAll('\n', ' '))
    else if ('tagName' in node) {
      if (node.tagName === 'br') pieces.push('\n')
      else if (!SILENT.has(node.tagName)) {
        const isBlock = BLOCKS.has(node.tagName)
        if (isBlock) pieces.push('\n')
        gather(node, depth + 1, pieces)
        if (isBlock) pieces.push('\n')
      }
    }
  }
}

/** A number that an attribute has; https://html.spec.whatwg.org/#rules-for-parsing-non-negative-integers */
export function numberOf(element: Element, name: string, fallback: number): number {
  const text = element.attrs.find((attribute) => attribute.name === name)?.value
  const digits = /^\s*\+?(\d{1,9})/.exec(text ?? '')?.[1]
  return digits === undefined ? fallback : Math.min(65_534, Number(digits))
}
