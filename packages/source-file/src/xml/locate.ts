import { isFault } from '@omni/spec'
import { parsePath } from '../json/path.ts'
import { createXmlParser } from './parse.ts'

/** Where the records are. */
export interface RecordPath {
  /** From the root element down, its own name first. */
  readonly path: readonly string[]
  readonly isFound: boolean
}

interface Place {
  readonly path: readonly string[]
  /** Siblings of this name under one parent, at most. */
  repeats: number
  /** Whether there are elements in it. */
  hasChildren: boolean
  readonly children: Map<string, Place>
}

/**
 * The path that the option names, from the root or below it; else the element that has the most siblings of its name,
 * in none that repeats itself. Where nothing repeats, the only child of the root, or the root.
 */
export function locateRecords(head: string, isWhole: boolean, records: string | undefined): RecordPath {
  const root = survey(head)
  if (records !== undefined) {
    const steps = parsePath(records).filter((step) => step !== '')
    const isFromRoot = root === undefined || steps.length === 0 || steps[0] === root.path[0]
    const path = isFromRoot ? steps : [root.path[0] as string, ...steps]
    return { path: path.length === 0 && root ? root.path : path, isFound: false }
  }
  if (!root) return { path: [], isFound: true }
  const candidates = repeatedBelow(root)
  const [best] = candidates.sort((a, b) => b.repeats - a.repeats)
  if (best) return { path: best.path, isFound: true }
  const [only, ...others] = root.children.values()
  // A first record that is longer than the head has not repeated yet.
  const isRecord = only && others.length === 0 && (only.hasChildren || !isWhole)
  return { path: isRecord ? only.path : root.path, isFound: true }
}

/** Elements that repeat, the outermost of each branch. */
function repeatedBelow(place: Place): Place[] {
  return [...place.children.values()].flatMap((child) => (child.repeats > 1 ? [child] : repeatedBelow(child)))
}

/** The tree of the names in the head; it ends where the head does, or where the document is broken. */
function survey(head: string): Place | undefined {
  let root: Place | undefined
  const open: { readonly place: Place; readonly counts: Map<string, number> }[] = []
  const parser = createXmlParser({
    open(name) {
      const above = open.at(-1)
      const known = above?.place.children.get(name)
      const place = known ?? {
        path: [...(above?.place.path ?? []), name],
        repeats: 0,
        hasChildren: false,
        children: new Map(),
      }
      if (above) {
        above.place.hasChildren = true
        above.place.children.set(name, place)
        const count = (above.counts.get(name) ?? 0) + 1
        above.counts.set(name, count)
        place.repeats = Math.max(place.repeats, count)
      }
      root ??= place
      open.push({ place, counts: new Map() })
    },
    text: () => undefined,
    close: () => open.pop(),
  })
  try {
    parser.write(head)
  } catch (error) {
    // It is told when the document is read; entities at once.
    if (!isFault(error) || error.code === 'file.xml.entity') throw error
  }
  return root
}
