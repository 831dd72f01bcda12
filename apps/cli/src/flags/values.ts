import { fault } from '@omni/core'
import type { Flag, FlagKind } from './from-schema.ts'
import { nearest } from './nearest.ts'

/** Collects what flags were given and makes the nested options object of them. */
export interface FlagValues {
  /** `text` is what stood after the flag; true or false for a boolean flag. */
  take(flag: Flag, text: string | boolean): void
  /** Which flags were given. */
  readonly given: ReadonlySet<string>
  /** The options as an object, nested by each flag's path. */
  toOptions(): Record<string, unknown>
}

/** An empty set of flag values. */
export function createFlagValues(): FlagValues {
  const values = new Map<string, { readonly flag: Flag; value: unknown }>()
  const given = new Set<string>()
  return {
    given,
    take(flag, text) {
      given.add(flag.name)
      const before = values.get(flag.name)?.value
      values.set(flag.name, { flag, value: merge(flag, before, text) })
    },
    toOptions() {
      const options: Record<string, unknown> = {}
      for (const { flag, value } of values.values()) put(options, flag.path, value)
      return options
    },
  }
}

function merge(flag: Flag, before: unknown, text: string | boolean): unknown {
  if (typeof text === 'boolean') return text
  if (flag.kind === 'list') {
    const list = Array.isArray(before) ? before : []
    return [...list, convert(flag, flag.choices ? 'choice' : (flag.item ?? 'text'), text)]
  }
  if (flag.kind === 'record') {
    const [key, value] = splitPair(flag, text)
    const record = typeof before === 'object' && before !== null ? before : {}
    const converted = convert(flag, flag.item ?? 'text', value)
    const known = (record as Record<string, unknown>)[key]
    // A record of lists: the same key again adds to its list.
    if (flag.item !== 'list' || known === undefined) return { ...record, [key]: converted }
    return { ...record, [key]: [...(Array.isArray(known) ? known : [known]), converted] }
  }
  return convert(flag, flag.kind, text)
}

function convert(flag: Flag, kind: FlagKind, text: string): unknown {
  switch (kind) {
    case 'number':
    case 'integer': {
      const value = Number(text)
      if (text.trim() === '' || !Number.isFinite(value) || (kind === 'integer' && !Number.isInteger(value))) {
        throw wrong(flag, kind === 'integer' ? 'a whole number' : 'a number')
      }
      return value
    }
    case 'boolean':
      if (text === 'true' || text === 'false') return text === 'true'
      throw wrong(flag, 'true or false')
    case 'choice':
      if (flag.choices?.includes(text)) return text
      throw wrong(flag, `one of ${flag.choices?.join(', ')}`, nearest(text, flag.choices ?? []))
    case 'json':
    case 'record':
      return parseLoosely(text)
    default:
      return text
  }
}

/** JSON where it is JSON, else the text itself; numbers that a double would change stay text. */
function parseLoosely(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'number' && String(value) !== text ? text : value
  } catch {
    return text
  }
}

function splitPair(flag: Flag, text: string): [string, string] {
  const at = text.indexOf('=')
  if (at < 1) throw wrong(flag, 'key=value')
  return [text.slice(0, at), text.slice(at + 1)]
}

function put(into: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let node = into
  for (const key of path.slice(0, -1)) {
    if (typeof node[key] !== 'object' || node[key] === null) node[key] = {}
    node = node[key] as Record<string, unknown>
  }
  const last = path.at(-1)
  // Without a path the value is a record of options itself.
  if (last === undefined) Object.assign(into, value)
  else node[last] = value
}

// The value itself is not repeated: it may be a secret.
function wrong(flag: Flag, expected: string, close?: string): Error {
  return fault({
    kind: 'config',
    code: 'cli.flag-value',
    why: `\`--${flag.name}\` needs ${expected}.`,
    fix: close === undefined ? 'Correct the flag; `--help` explains it.' : `Did you mean \`${close}\`?`,
  })
}
