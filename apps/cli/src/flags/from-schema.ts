/** How the text after a flag becomes a value. `boolean` has a `--no-` form, `switch` has not. */
export type FlagKind =
  | 'text'
  | 'number'
  | 'integer'
  | 'boolean'
  | 'switch'
  | 'choice'
  | 'list'
  | 'record'
  | 'json'

/** One option of a source, or of this program, as a command-line flag. */
export interface Flag {
  /** Without dashes: `page-rows`. */
  readonly name: string
  /** Where the value goes: `['paging', 'kind']`. */
  readonly path: readonly string[]
  readonly kind: FlagKind
  readonly description: string
  /** Names for help: `<text>`, `<k=v>`. */
  readonly placeholder: string
  readonly choices?: readonly string[]
  /** Kind of the items of a list, or the values of a record. */
  readonly item?: FlagKind
  readonly fallback?: string
  readonly required?: boolean
}

/** What flags are made from. */
export interface Optioned {
  readonly name: string
  readonly locator: string
  readonly options: { readonly '~standard': object }
}

interface JsonSchema {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly additionalProperties?: JsonSchema | boolean
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly allOf?: readonly JsonSchema[]
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, JsonSchema>>
}

/**
 * The flags of a source, from the JSON Schema of its options: `pageRows` becomes `--page-rows`. A flag whose
 * name this program uses itself gets the source's name in front: `--file-format`.
 */
export function flagsOfSource(source: Optioned, taken: ReadonlySet<string>): Flag[] {
  const schema = jsonSchemaOf(source)
  if (schema === undefined) return []
  const flags: Flag[] = []
  collect(schema, [], flags, schema, source.locator)
  return flags.map((flag) =>
    taken.has(flag.name) || taken.has(`no-${flag.name}`)
      ? { ...flag, name: `${kebab(source.name)}-${flag.name}` }
      : flag,
  )
}

/** True for the flag of the option that the locator fills: it has a word of its own. */
export function isLocator(flag: Flag, source: Pick<Optioned, 'locator'>): boolean {
  return flag.path.length === 1 && flag.path[0] === source.locator
}

/** JSON Schema of a source's options, or undefined where its schema library cannot say it. */
export function jsonSchemaOf(source: Optioned): JsonSchema | undefined {
  const standard = source.options['~standard'] as {
    readonly jsonSchema?: { input(options: { target: string }): JsonSchema }
  }
  return standard.jsonSchema?.input({ target: 'draft-2020-12' })
}

/** `pageRows` and `page_rows` to `page-rows`. */
export function kebab(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/_/g, '-')
    .toLowerCase()
}

function collect(
  schema: JsonSchema,
  path: readonly string[],
  into: Flag[],
  root: JsonSchema,
  locator?: string,
): void {
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    const at = [...path, key]
    const node = resolve(property, root)
    if (node.properties !== undefined && path.length < 2) {
      collect({ ...node, required: [] }, at, into, root)
      continue
    }
    const isLocator = path.length === 0 && key === locator
    into.push(flagOf(node, property, at, schema.required?.includes(key) === true && !isLocator))
  }
}

function flagOf(node: JsonSchema, written: JsonSchema, path: readonly string[], required: boolean): Flag {
  const facts = factsOf(node)
  const fallback = written.default ?? node.default
  return {
    name: path.map(kebab).join('-'),
    path,
    description: (written.description ?? node.description ?? '').trim(),
    ...facts,
    ...(fallback === undefined || typeof fallback === 'object' ? {} : { fallback: String(fallback) }),
    ...(required && fallback === undefined ? { required: true } : {}),
  }
}

type Facts = Pick<Flag, 'kind' | 'placeholder' | 'choices' | 'item'>

function factsOf(node: JsonSchema): Facts {
  const choices = choicesOf(node)
  if (choices !== undefined) return { kind: 'choice', placeholder: `<${shorten(choices)}>`, choices }
  const options = (node.anyOf ?? node.oneOf)?.filter((option) => option.type !== 'null')
  if (options !== undefined && options.length > 0) return factsOfUnion(options)
  const type = Array.isArray(node.type) ? node.type.find((name) => name !== 'null') : node.type
  switch (type) {
    case 'boolean':
      return { kind: 'boolean', placeholder: '' }
    case 'integer':
      return { kind: 'integer', placeholder: '<n>' }
    case 'number':
      return { kind: 'number', placeholder: '<n>' }
    case 'string':
      return { kind: 'text', placeholder: '<text>' }
    case 'array': {
      const item = factsOf(node.items ?? {})
      const inner = item.kind === 'text' || item.kind === 'json' ? '<text>' : item.placeholder
      return { kind: 'list', placeholder: inner, item: item.kind, ...choicesIn(item) }
    }
    case 'object': {
      const values = node.additionalProperties
      if (typeof values !== 'object') return { kind: 'json', placeholder: '<json>' }
      return { kind: 'record', placeholder: '<k=v>', item: factsOf(values).kind }
    }
    default:
      return { kind: 'json', placeholder: '<value>' }
  }
}

/** One alternative decides for all only where nothing is lost by it; else the value is JSON or text. */
function factsOfUnion(options: readonly JsonSchema[]): Facts {
  const facts = options.map(factsOf)
  const list = facts.find((fact) => fact.kind === 'list')
  if (list !== undefined) return list
  const [first] = facts
  if (options.every((option) => typeof option.const === 'number')) {
    return { kind: 'number', placeholder: `<${options.map((option) => option.const).join('|')}>` }
  }
  if (first !== undefined && facts.every((fact) => fact.kind === first.kind && first.kind !== 'choice')) {
    return first
  }
  if (facts.some((fact) => fact.kind === 'record'))
    return { kind: 'record', placeholder: '<k=v>', item: 'json' }
  return { kind: 'json', placeholder: '<value>' }
}

function choicesIn(item: Facts): Pick<Flag, 'choices'> {
  return item.choices === undefined ? {} : { choices: item.choices }
}

function choicesOf(node: JsonSchema): string[] | undefined {
  if (node.enum?.every((value) => typeof value === 'string')) return node.enum.map(String)
  const options = node.anyOf ?? node.oneOf
  if (options !== undefined && options.length > 1 && options.every((o) => typeof o.const === 'string')) {
    return options.map((option) => String(option.const))
  }
  return undefined
}

function shorten(choices: readonly string[]): string {
  const text = choices.join('|')
  return text.length <= 44 ? text : 'name'
}

function resolve(node: JsonSchema, root: JsonSchema): JsonSchema {
  const name = /^#\/\$defs\/(.+)$/.exec(node.$ref ?? '')?.[1]
  const target = name === undefined ? undefined : root.$defs?.[name]
  if (target !== undefined) return { ...target, ...node }
  const [only] = node.allOf ?? []
  return node.allOf?.length === 1 && only !== undefined ? { ...resolve(only, root), ...node } : node
}
