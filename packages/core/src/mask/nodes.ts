import { type DataType, type Field, fault, type Schema } from '@omni/spec'
import { KIND_NAMES, KINDS, type Kind, type KindName } from './kinds.ts'
import { isIdentifierName, kindOfName } from './names.ts'
import { checkRules, DEFAULT_POLICY, type MaskAction, type MaskPolicy } from './policy.ts'
import type { NumberHint } from './reading.ts'
import { maskText } from './text.ts'

/** What to do with one column, compiled once from the schema, the names and the rules. */
export interface Node {
  /** As a rule names it: `a`, `a.b`, `a[].b`. */
  readonly path: string
  /** As the report names it: the path with what is personal in it masked. */
  readonly label: string
  readonly type: DataType
  readonly field: Field
  readonly action: MaskAction
  readonly by: 'content' | 'name' | 'rule'
  /** Every value is replaced by the token of this class; 0: only what content detection finds. */
  readonly whole: Kind | 0
  readonly hint: NumberHint
  readonly children: readonly Node[]
  /** Counted while blocks pass, by class number. */
  readonly hits: number[]
}

/** The nodes of a schema in column order, dropped ones included. */
export function compileNodes(schema: Schema, policy: MaskPolicy): readonly Node[] {
  checkRules(policy.rules)
  const rules = new Map(policy.rules.map((rule) => [rule.column, rule.action]))
  const used = new Set<string>()
  const nodes = compileFields(schema.fields, TOP)
  const unknown = policy.rules.filter((rule) => !used.has(rule.column)).map((rule) => rule.column)
  if (unknown.length > 0) {
    throw fault({
      kind: 'config',
      code: 'mask.column',
      why: `A mask names ${unknown.length === 1 ? 'a column that does not exist' : 'columns that do not exist'}: ${unknown.join(', ')}.`,
      fix: `Columns are: ${schema.fields.map((field) => maskText(field.name)).join(', ')}.`,
    })
  }
  return nodes

  function compileFields(fields: readonly Field[], above: Above): readonly Node[] {
    const names = uniqueNames(fields)
    return fields.map((field, i) => {
      const name = names[i]!
      const hint = isIdentifierName(field.name) ? 'identifier' : 'none'
      return compile(field, name, {
        ...above,
        path: above.path + field.name,
        label: above.label + name,
        hint,
      })
    })
  }

  function compile(field: Field, name: string, above: Above): Node {
    const { path, label, hint } = above
    const { type } = field
    const rule = rules.get(path)
    if (rule !== undefined) used.add(path)
    const ruled = rule ?? above.ruled
    const action = ruled ?? 'redact'
    const named = kindOfName(field.name)
    let { whole, by } = above
    if (ruled !== undefined) {
      by = 'rule'
      whole = action === 'redact' ? named || above.whole || KINDS.other : 0
    } else if (whole === 0 && named !== 0 && type.kind !== 'null') {
      whole = named
      by = 'name'
    }
    const below: Above = { path, label, whole, by, hint, ruled }
    const children = compileChildren(type, below)
    if (type.kind !== 'struct' && action !== 'drop' && children.some((child) => child.action === 'drop')) {
      throw fault({
        kind: 'config',
        code: 'mask.drop',
        why: `The items of "${label}" cannot be dropped on their own.`,
        fix: 'Drop the column, or redact it.',
      })
    }
    const made = sameOrMade(field, name, outType(type, children), field.nullable || becomesNull(type, whole))
    const hits = KIND_NAMES.map(() => 0)
    return { path, label, type, field: made, action, by, whole, hint, children, hits }
  }

  function compileChildren(type: DataType, above: Above): readonly Node[] {
    const under = (tail: string): Above => ({ ...above, path: above.path + tail, label: above.label + tail })
    if (type.kind === 'struct') return compileFields(type.fields, under('.'))
    if (type.kind === 'list') return [compile(type.item, type.item.name, under('[]'))]
    if (type.kind !== 'map') return []
    return [
      compile(type.key, type.key.name, under('.key')),
      compile(type.value, type.value.name, under('.value')),
    ]
  }
}

/** What a column takes over from the one it is nested in. */
interface Above {
  readonly path: string
  readonly label: string
  readonly whole: Kind | 0
  readonly by: Node['by']
  readonly hint: NumberHint
  readonly ruled: MaskAction | undefined
}

const TOP: Above = { path: '', label: '', whole: 0, by: 'content', hint: 'none', ruled: undefined }

/** True when a rule leaves a column and everything in it as it is. */
export function isKept(node: Node): boolean {
  return node.action === 'keep' && node.children.every(isKept)
}

function sameOrMade(field: Field, name: string, type: DataType, nullable: boolean): Field {
  const same = field.name === name && field.type === type && field.nullable === nullable
  return same ? field : { ...field, name, type, nullable }
}

/** True for types that have no room for a token and are set to null instead. */
export function becomesNull(type: DataType, whole: Kind | 0): boolean {
  return whole !== 0 && !['utf8', 'binary', 'struct', 'list', 'map', 'null'].includes(type.kind)
}

function outType(type: DataType, children: readonly Node[]): DataType {
  const kept = children.filter((child) => child.action !== 'drop').map((child) => child.field)
  if (type.kind === 'struct') {
    const same = kept.length === type.fields.length && kept.every((field, i) => field === type.fields[i])
    return same ? type : { ...type, fields: kept }
  }
  if (type.kind === 'list') return kept[0] === type.item ? type : { ...type, item: kept[0]! }
  if (type.kind !== 'map') return type
  const [key, value] = [kept[0]!, kept[1]!]
  // A key that says `phone` nulls its value, whatever the type.
  const wide = key.type.kind === 'utf8' && children[1]!.action === 'redact' ? nullableLeaves(value) : value
  return key === type.key && wide === type.value ? type : { ...type, key, value: wide }
}

function nullableLeaves(field: Field): Field {
  const { type } = field
  if (type.kind === 'struct') return { ...field, type: { ...type, fields: type.fields.map(nullableLeaves) } }
  if (type.kind === 'list') return { ...field, type: { ...type, item: nullableLeaves(type.item) } }
  if (type.kind === 'map') return { ...field, type: { ...type, value: nullableLeaves(type.value) } }
  return becomesNull(type, KINDS.other) && !field.nullable ? { ...field, nullable: true } : field
}

/** Names with what is personal in them masked, and still different from each other. */
function uniqueNames(fields: readonly Field[]): readonly string[] {
  const masked = fields.map((field) => maskText(field.name))
  const taken = new Set(masked.filter((name, i) => name === fields[i]!.name))
  return masked.map((name, i) => {
    if (name === fields[i]!.name) return name
    let unique = name
    for (let n = 2; taken.has(unique); n++) unique = `${name}_${n}`
    taken.add(unique)
    return unique
  })
}

/** Every path that a rule may name, nested ones too: to tell which stream a rule is for. */
export function columnPaths(schema: Schema): readonly string[] {
  const walk = (node: Node): readonly string[] => [node.path, ...node.children.flatMap(walk)]
  return compileNodes(schema, DEFAULT_POLICY).flatMap(walk)
}

/** Names of the classes that a node looks for. */
export function detectorsOf(node: Node): readonly KindName[] {
  if (node.action !== 'redact') return []
  if (node.whole !== 0) return [KIND_NAMES[node.whole] as KindName]
  return isText(node.type) ? ['email', 'phone'] : []
}

/** Types whose bytes are swept. */
export function isText(type: DataType): boolean {
  return type.kind === 'utf8' || type.kind === 'binary' || type.kind === 'fixed'
}
