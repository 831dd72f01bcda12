import type { Row } from '@omni/spec'
import type { Element } from './element.ts'

/** What elements of one name at one place look like in all records: a text, or a struct; one, or a list. */
export interface ElementShape {
  /** Some have attributes or elements, so all become structs. */
  isStruct: boolean
  /** Some have siblings of their name, so all become lists. */
  isList: boolean
  readonly children: Map<string, ElementShape>
}

/** Of elements that have not been seen. */
export function createShape(): ElementShape {
  return { isStruct: false, isList: false, children: new Map() }
}

/**
 * Takes a record's elements into the shape of all. True when what was known of one proved too narrow: rows that were
 * made with it are not like those that follow.
 */
export function growShape(shape: ElementShape, element: Element): boolean {
  let hasChanged = false
  const counts = new Map<string, number>()
  for (const child of element.children) counts.set(child.name, (counts.get(child.name) ?? 0) + 1)
  const known = new Set(shape.children.keys())
  for (const child of element.children) {
    const isNew = !known.has(child.name)
    const inner = shape.children.get(child.name) ?? createShape()
    shape.children.set(child.name, inner)
    const isList = (counts.get(child.name) ?? 0) > 1
    const isStruct = child.attributes.length > 0 || child.children.length > 0
    if (!isNew && ((isList && !inner.isList) || (isStruct && !inner.isStruct))) hasChanged = true
    inner.isList ||= isList
    inner.isStruct ||= isStruct
    if (growShape(inner, child) && !isNew) hasChanged = true
  }
  return hasChanged
}

/** A record as a row: attributes as `@name`, elements by name, its own text as `#text`. */
export function toRow(element: Element, shape: ElementShape): Row {
  const cells: [string, unknown][] = element.attributes.map(([name, value]) => [`@${name}`, value])
  const byName = new Map<string, Element[]>()
  for (const child of element.children) {
    const same = byName.get(child.name)
    if (same) same.push(child)
    else byName.set(child.name, [child])
  }
  for (const [name, same] of byName) {
    const inner = shape.children.get(name) ?? createShape()
    const values = same.map((child) => toValue(child, inner))
    cells.push([name, inner.isList ? values : values[0]])
  }
  const isLeaf = element.children.length === 0
  const isBlank = element.text.trim() === ''
  // Between elements, blank text is how the document is laid out.
  if (isLeaf ? element.text !== '' || element.attributes.length === 0 : !isBlank) {
    cells.push(['#text', element.text])
  }
  // Defines its members, so that an element named __proto__ is one of them.
  return Object.fromEntries(cells) as Row
}

function toValue(element: Element, shape: ElementShape): unknown {
  if (element.isNil) return null
  return shape.isStruct ? toRow(element, shape) : element.text
}
