import { readFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { fault } from '@omni/core'

/** Where interpolation looks. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Folder that relative `${file:path}` paths start from. */
  readonly folder: string
}

const MARK = /\$(\$?)\{([^}]*)\}/g
const DSN = /^[a-z][a-z0-9+.-]*:\/\//i
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/

/**
 * A copy of `value` with `${env:NAME}` and `${file:path}` filled in, and `${NAME}` inside a DSN. It runs after
 * parsing, so that a value can never change the document's structure. `$${` stands for `${`. Something unset
 * is the fault `config`, naming it and the path of the setting.
 */
export function interpolate(value: unknown, around: Surroundings, path = ''): unknown {
  if (typeof value === 'string') return fill(value, around, path)
  if (Array.isArray(value)) return value.map((item, i) => interpolate(item, around, `${path}[${i}]`))
  if (typeof value !== 'object' || value === null) return value
  if (Object.getPrototypeOf(value) !== Object.prototype && Object.getPrototypeOf(value) !== null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      interpolate(item, around, path === '' ? key : `${path}.${key}`),
    ]),
  )
}

function fill(text: string, around: Surroundings, path: string): string {
  if (!text.includes('${')) return text
  const isDsn = DSN.test(text)
  const userInfoEnd = isDsn ? text.lastIndexOf('@', authorityEnd(text)) : -1
  return text.replace(MARK, (whole, escaped: string, inner: string, at: number) => {
    if (escaped !== '') return whole.slice(1)
    if (inner.startsWith('env:')) return fromEnv(inner.slice(4), around, path)
    if (inner.startsWith('file:')) return fromFile(inner.slice(5), around, path)
    if (!isDsn || !VARIABLE.test(inner)) return whole
    const value = fromEnv(inner, around, path)
    // A password may hold `@` or `/`, which would end it early inside a URL.
    return at < userInfoEnd ? encodeURIComponent(value) : value
  })
}

/** Index after the authority of a DSN; marks are skipped, since `${file:/run/x}` holds a slash. */
function authorityEnd(text: string): number {
  const hidden = text.replace(MARK, (whole) => '_'.repeat(whole.length))
  const from = hidden.indexOf('://') + 3
  const end = hidden.slice(from).search(/[/?#]/)
  return end < 0 ? hidden.length : from + end
}

function fromEnv(name: string, around: Surroundings, path: string): string {
  const value = around.env[name]
  if (value !== undefined) return value
  throw fault({
    kind: 'config',
    code: 'config.env-unset',
    why: `The environment variable ${name}, used at ${path || 'the top'}, is not set.`,
    fix: `Set it, as in \`export ${name}=…\`, or write the value another way.`,
  })
}

function fromFile(name: string, around: Surroundings, path: string): string {
  try {
    const text = readFileSync(isAbsolute(name) ? name : join(around.folder, name), 'utf8')
    // Editors and `echo` end a file with a line break that is no part of the secret.
    return text.replace(/\r?\n$/, '')
  } catch (cause) {
    throw fault({
      kind: 'config',
      code: 'config.file-unreadable',
      why: `The file ${name}, used at ${path || 'the top'}, cannot be read.`,
      fix: 'Create it, or correct the path; relative paths start at the folder of the configuration.',
      cause,
    })
  }
}
