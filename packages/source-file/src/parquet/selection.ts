import { type ChosenColumn, chooseColumns } from '../column-choice.ts'
import type { ColumnarOptions } from '../columnar-options.ts'
import { fileFault } from '../errors.ts'
import type { Footer, Leaf, RowGroup } from './footer.ts'
import type { ParquetOptions } from './options.ts'
import type { SchemaNode } from './schema.ts'

/** What of a file is read. */
export interface Selection {
  readonly groups: readonly SelectedGroup[]
  readonly rows: number
  /** Paths for the decoder; undefined for all. */
  readonly paths: readonly string[] | undefined
  /** The leaves that the decoder then gives, in order. */
  readonly leaves: readonly SelectedLeaf[]
}

export interface SelectedGroup extends RowGroup {
  readonly index: number
}

export interface SelectedLeaf extends Leaf {
  readonly index: number
}

/** What the options ask for, of this file. */
export function selectParts(footer: Footer, options: ColumnarOptions & ParquetOptions): Selection {
  const groups = selectGroups(footer, options.rowGroups)
  const rows = groups.reduce((sum, group) => sum + group.rows, 0)
  const chosen = chooseColumns(footer.columns, options.columns)
  const leaves = footer.leaves.map((leaf, index) => ({ ...leaf, index }))
  if (chosen === undefined) return { groups, rows, paths: undefined, leaves }
  const wanted = leavesOf(footer.columns, chosen)
  const paths = [...new Set(leaves.filter(({ index }) => wanted.has(index)).map(({ path }) => path))]
  return { groups, rows, paths, leaves: leaves.filter(({ path }) => isGiven(path, paths)) }
}

function leavesOf(nodes: readonly SchemaNode[], chosen: readonly ChosenColumn[]): ReadonlySet<number> {
  const found = new Set<number>()
  for (const { index, children } of chosen) {
    const node = nodes[index] as SchemaNode
    if (children && node.children) for (const leaf of leavesOf(node.children, children)) found.add(leaf)
    else for (let leaf = node.from; leaf < node.to; leaf++) found.add(leaf)
  }
  return found
}

/** The decoder takes a path for itself and all below it, and cannot tell `a.b` from `b` in `a`. */
function isGiven(path: string, paths: readonly string[]): boolean {
  return paths.some((wanted) => path === wanted || path.startsWith(`${wanted}.`))
}

function selectGroups(footer: Footer, text: string | undefined): readonly SelectedGroup[] {
  const all = footer.rowGroups.map((group, index) => ({ ...group, index }))
  if (text === undefined) return all
  const ranges = text.split(',').map((range) => {
    const [first, last = first] = range.split('-').map(Number) as [number, number?]
    return { first, last: last as number }
  })
  for (const { first, last } of ranges) {
    if (first > last || last >= all.length) {
      const why = `The row groups ${first} to ${last} are asked for; the file has ${all.length}, counted from 0.`
      throw fileFault('file.parquet.row-groups', why)
    }
  }
  return all.filter(({ index }) => ranges.some(({ first, last }) => index >= first && index <= last))
}
