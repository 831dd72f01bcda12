import { loadKernelsSync } from '@omni/kernels'
import { type Batch, type Column, fault, type Schema } from '@omni/spec'
import { type Arena, FRESH, type Memory } from '../digest/arena.ts'
import { applyEdits, type Edits } from './edits.ts'
import { createFinder, type Finder } from './find.ts'
import { KIND_NAMES, type Kind, TOKENS } from './kinds.ts'
import { createKeyCache } from './names.ts'
import { compileNodes, detectorsOf, isKept, isText, type Node } from './nodes.ts'
import type { ColumnMask, MaskPolicy, MaskReport } from './policy.ts'
import { pickAll, pickByKey, redactColumn } from './redact.ts'
import { scanText, scanWhole } from './residual.ts'

/** Masks the blocks of one stream. */
export interface Masker {
  /** After masking: dropped columns gone, redacted numbers nullable, personal data in names masked. */
  readonly schema: Schema
  /** A masked copy; columns without a hit are shared. Never changes its input. */
  mask(block: Batch): Batch
  /** The residual scan: throws `mask.residual` when a masked block still holds something. */
  scan(block: Batch): void
  /** Throws `mask.incomplete` unless every masked block was scanned. */
  report(): MaskReport
}

/**
 * Compiles the policy for a schema. With an arena, what `mask` returns is valid until its next call. Throws `config`
 * when a rule names no column.
 */
export function createMasker(schema: Schema, policy: MaskPolicy, arena?: Arena): Masker {
  if (!policy.enabled) return createPassThrough(schema, policy)
  const nodes = compileNodes(schema, policy)
  const kept = nodes.filter((node) => node.action !== 'drop')
  const out: Schema = { fields: kept.map((node) => node.field) }
  const kindOfKey = createKeyCache()
  const finder = createFinder(loadKernelsSync().sweep, kindOfKey)
  const work: Work = { finder, kindOfKey, memory: arena ?? FRESH }
  let blocks = 0
  let values = 0
  const residual = { blocks: 0, values: 0 }

  return {
    schema: out,
    mask(block) {
      if (block.columns.length !== nodes.length) throw mismatch()
      const columns: Column[] = []
      arena?.reset()
      for (const [i, node] of nodes.entries()) {
        if (node.action !== 'drop') columns.push(maskColumn(block.columns[i]!, node, work))
      }
      blocks++
      for (const [i, node] of kept.entries()) values += countValues(columns[i]!, node)
      return { schema: out, rows: block.rows, columns }
    },
    scan(block) {
      if (residual.blocks >= blocks || block.columns.length !== kept.length) throw incomplete()
      for (const [i, node] of kept.entries()) {
        scanColumn(block.columns[i]!, node)
        residual.values += countValues(block.columns[i]!, node)
      }
      residual.blocks++
    },
    report() {
      if (residual.blocks !== blocks || residual.values !== values) throw incomplete()
      const columns: Record<string, ColumnMask> = {}
      for (const node of nodes) reportNode(node, columns)
      return { mode: policy.mode, enabled: true, columns, residual: { ...residual, hits: 0 }, blocks }
    },
  }
}

function createPassThrough(schema: Schema, policy: MaskPolicy): Masker {
  let blocks = 0
  return {
    schema,
    mask(block) {
      blocks++
      return block
    },
    scan() {},
    report: () => ({
      mode: policy.mode,
      enabled: false,
      columns: {},
      residual: { blocks: 0, values: 0, hits: 0 },
      blocks,
    }),
  }
}

/** What the masking of a block works with. */
interface Work {
  readonly finder: Finder
  readonly kindOfKey: ReturnType<typeof createKeyCache>
  readonly memory: Memory
}

function maskColumn(column: Column, node: Node, work: Work): Column {
  if (isKept(node)) return column
  const count = (kind: Kind): void => {
    node.hits[kind]!++
  }
  const { type } = node
  if (type.kind === 'struct' || type.kind === 'list' || type.kind === 'map') {
    const children = column.children.map((child, i) => {
      const below = node.children[i]!
      return below.action === 'drop' ? undefined : maskColumn(child, below, work)
    })
    if (type.kind === 'map' && type.key.type.kind === 'utf8' && node.children[1]!.whole === 0) {
      const value = node.children[1]!
      if (value.action === 'redact') {
        const pick = pickByKey(column.children[0]!, work.kindOfKey)
        const countValue = (kind: Kind): void => {
          value.hits[kind]!++
        }
        children[1] = redactColumn(children[1]!, pick, countValue, work.memory)
      }
    }
    const same =
      children.length === column.children.length && children.every((child, i) => child === column.children[i])
    const kept = children.filter((child) => child !== undefined)
    return same && sameType(node) ? column : { ...column, type: node.field.type, children: kept }
  }
  if (node.whole !== 0) return redactColumn(column, pickAll(node.whole), count, work.memory)
  return isText(type) ? sweepColumn(column, node, work) : column
}

function sameType(node: Node): boolean {
  return node.field.type === node.type
}

function sweepColumn(column: Column, node: Node, { finder, memory }: Work): Column {
  const { length, type } = column
  const binary = type.kind !== 'utf8'
  if (type.kind === 'fixed') {
    const offsets = Int32Array.from({ length: length + 1 }, (_, i) => i * type.bytes)
    const edits = finder.find(column.values, offsets, length, { binary, hint: node.hint })
    return edits.count === 0
      ? column
      : { ...column, values: blank(column.values.subarray(0, length * type.bytes), edits, node) }
  }
  const edits = finder.find(column.values, column.offsets!, length, { binary, hint: node.hint })
  if (edits.count === 0) return column
  tally(edits, node)
  return { ...column, ...applyEdits(column.values, column.offsets!, length, edits, memory) }
}

function tally(edits: Edits, node: Node): void {
  for (let k = 0; k < edits.count; k++) node.hits[edits.code[k]! >> 2]!++
}

/** A value of fixed width has no room for a token: the span becomes asterisks. */
function blank(values: Uint8Array, edits: Edits, node: Node): Uint8Array {
  const out = values.slice()
  tally(edits, node)
  for (let k = 0; k < edits.count; k++) out.fill(0x2a, edits.start[k]!, edits.end[k]!)
  return out
}

function scanColumn(column: Column, node: Node): void {
  if (isKept(node)) return
  if (node.children.length > 0) {
    const kept = node.children.filter((child) => child.action !== 'drop')
    for (const [i, child] of kept.entries()) scanColumn(column.children[i]!, child)
  } else if (node.whole !== 0)
    scanWhole(column, node.label, TOKENS[KIND_NAMES[node.whole] as keyof typeof TOKENS])
  else if (isText(node.type)) scanText(column, node.label)
}

function countValues(column: Column, node: Node): number {
  if (isKept(node)) return 0
  const kept = node.children.filter((child) => child.action !== 'drop')
  if (kept.length === 0) return node.whole !== 0 || isText(node.type) ? column.length : 0
  return kept.reduce((sum, child, i) => sum + countValues(column.children[i]!, child), 0)
}

function reportNode(node: Node, columns: Record<string, ColumnMask>): void {
  const detectors = detectorsOf(node)
  const hits: Record<string, number> = {}
  for (const [kind, count] of node.hits.entries()) if (count > 0) hits[KIND_NAMES[kind]!] = count
  const isLeaf = node.children.length === 0
  if (node.action === 'drop' || isKept(node)) {
    columns[node.label] = { detectors: [], hits: {}, action: node.action, by: 'rule' }
    return
  }
  if (isLeaf && detectors.length > 0)
    columns[node.label] = { detectors, hits, action: node.action, by: node.by }
  for (const child of node.children) reportNode(child, columns)
}

function mismatch(): Error {
  return fault({
    kind: 'bug',
    code: 'mask.schema',
    why: 'A block does not have the columns its masker was made for.',
    fix: 'Report this as a defect.',
  })
}

function incomplete(): Error {
  return fault({
    kind: 'bug',
    code: 'mask.incomplete',
    why: 'The blocks that were scanned are not the blocks that were masked.',
    fix: 'Nothing was published. Report this as a defect.',
  })
}
