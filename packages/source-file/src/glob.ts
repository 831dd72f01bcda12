/** A pattern of names: `*` and `?` stay within a folder, `**` does not; `[a-z]`, `[!a-z]` and `{csv,tsv}` too. */
export interface Glob {
  readonly pattern: string
  matches(name: string): boolean
}

const SPECIAL = /[*?[{]/
const SPECIAL_IN_URL = /[*[{]/

/** A path that is a pattern: the folder above everything that it can fit, with its slash or empty, and the rest. */
export interface PathPattern {
  readonly base: string
  readonly rest: string
}

/**
 * The parts of a path that is a pattern. In an address with a scheme `?` begins a query, and one with a query, or on
 * the web, is no pattern.
 */
export function patternOf(path: string): PathPattern | undefined {
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(path)?.[1]?.toLowerCase()
  if (scheme === 'http' || scheme === 'https' || (scheme !== undefined && path.includes('?')))
    return undefined
  const at = path.search(scheme === undefined ? SPECIAL : SPECIAL_IN_URL)
  if (at < 0) return undefined
  const base = path.slice(0, path.slice(0, at).lastIndexOf('/') + 1)
  return { base, rest: path.slice(base.length) }
}

/** Compiles a pattern; one without a special character fits the name that it is. */
export function createGlob(pattern: string): Glob {
  const expression = new RegExp(`^${source(pattern)}$`, 's')
  return { pattern, matches: (name) => expression.test(name) }
}

function source(pattern: string): string {
  let out = ''
  let braces = 0
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i] as string
    if (char === '*') {
      let stars = 1
      while (pattern[i + 1] === '*') {
        stars++
        i++
      }
      if (stars === 1) out += '[^/]*'
      else if (pattern[i + 1] === '/') {
        // `**/` also fits no folder at all.
        out += '(?:.*/)?'
        i++
      } else out += '.*'
    } else if (char === '?') out += '[^/]'
    else if (char === '[' && pattern.indexOf(']', i + 2) > 0) {
      const end = pattern.indexOf(']', i + 2)
      const inside = pattern
        .slice(i + 1, end)
        .replace(/^!/, '^')
        .replace(/\\/g, '\\\\')
        .replace(/\[/g, '\\[')
      out += `(?!/)[${inside}]`
      i = end
    } else if (char === '{' && pattern.indexOf('}', i) > 0) {
      braces++
      out += '(?:'
    } else if (char === '}' && braces > 0) {
      braces--
      out += ')'
    } else if (char === ',' && braces > 0) out += '|'
    else out += char.replace(/[\\^$.|+()[\]{}]/g, '\\$&')
  }
  return out + ')'.repeat(braces)
}
