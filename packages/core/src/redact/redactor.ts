import { decode, isSecretName, REDACTED, redactUrls } from './url.ts'

/** A value that JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** Keeps the secrets of one collector out of everything that is printed or written. */
export interface Redactor {
  /** The options as plain JSON, without secrets. */
  readonly options: Readonly<Record<string, Json>>
  /** The text without URL passwords, tokens, and any of the collector's secrets wherever it turns up. */
  text(text: string): string
}

// Shorter ones would tear ordinary words out of messages; where an option is known they are hidden anyway.
const MIN_LITERAL = 4
const MAX_DEPTH = 12

/**
 * Reads the secrets out of options: `secrets` are paths as in `headers.authorization`, `*` for any one name. What
 * is secret in `others`, under the same paths, is hidden in texts too.
 */
export function createRedactor(options: object, secrets: readonly string[], others: object = {}): Redactor {
  const literals = new Set<string>()
  const learn = (secret: string): void => {
    for (const form of formsOf(secret)) if (form.length >= MIN_LITERAL) literals.add(form)
  }
  const patterns = secrets.map((secret) => secret.split('.'))
  const clean = toJson(options, [], patterns, learn) as Record<string, Json>
  toJson(others, [], patterns, learn)
  const sorted = [...literals].sort((a, b) => b.length - a.length)
  const text = (message: string): string => {
    let out = message
    for (const literal of sorted) out = out.replaceAll(literal, REDACTED)
    return redactUrls(out)
  }
  return { options: mapText(clean, text) as Record<string, Json>, text }
}

/** A copy with every text, keys included, put through `change`. */
export function mapText(value: Json, change: (text: string) => string): Json {
  if (typeof value === 'string') return change(value)
  if (Array.isArray(value)) return value.map((item: Json) => mapText(item, change))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [change(key), mapText(item, change)]))
}

function toJson(
  value: unknown,
  at: readonly string[],
  patterns: readonly (readonly string[])[],
  learn: (secret: string) => void,
): Json {
  const name = at.at(-1) ?? ''
  const isSecret = at.length > 0 && (isSecretName(name) || patterns.some((pattern) => matches(pattern, at)))
  if (isSecret) {
    if (value === undefined || value === null || typeof value === 'boolean') return value ?? null
    learnAll(value, learn)
    return REDACTED
  }
  switch (typeof value) {
    case 'string':
      return redactUrls(value, learn)
    case 'number':
    case 'boolean':
      return Number.isNaN(value) ? 'NaN' : value
    case 'bigint':
      return String(value)
    case 'object':
      break
    default:
      return value === undefined ? null : `[${typeof value}]`
  }
  if (value === null) return null
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'invalid date' : value.toISOString()
  if (value instanceof URL) return redactUrls(value.href, learn)
  if (value instanceof RegExp) return String(value)
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  if (at.length >= MAX_DEPTH) return '[nested]'
  if (Array.isArray(value)) return value.map((item, i) => toJson(item, [...at, String(i)], patterns, learn))
  const entries = value instanceof Map ? [...value.entries()] : Object.entries(value)
  return Object.fromEntries(
    entries
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [String(key), toJson(item, [...at, String(key)], patterns, learn)]),
  )
}

/** A path is secret when a pattern names it or something above it; names compare without case, as headers do. */
function matches(pattern: readonly string[], at: readonly string[]): boolean {
  return (
    pattern.length <= at.length &&
    pattern.every((part, i) => part === '*' || part.toLowerCase() === at[i]?.toLowerCase())
  )
}

function learnAll(value: unknown, learn: (secret: string) => void, depth = 0): void {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint')
    learn(String(value))
  else if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && depth < MAX_DEPTH) {
    for (const item of Object.values(value)) learnAll(item, learn, depth + 1)
  }
}

/** How a secret may turn up: as it is, percent-encoded or decoded, in base64, as an authorization scheme's token. */
function formsOf(secret: string): string[] {
  const bare = secret.trim().replace(/^(bearer|basic|token)\s+/i, '')
  const plain = [secret, secret.trim(), bare, decode(bare)]
  return plain.flatMap((form) => [
    form,
    encodeURIComponent(form),
    encodeURI(form),
    new URLSearchParams({ a: form }).toString().slice(2),
    Buffer.from(form).toString('base64'),
    JSON.stringify(form).slice(1, -1),
  ])
}
