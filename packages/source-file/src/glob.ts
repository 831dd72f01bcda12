/** A pattern of names: `*` and `?` stay within a folder, `**` does not; `[a-z]`, `[!a-z]` and `{csv,tsv}` too. */
export interface Glob {
  readonly pattern: string
  matches(name: string): boolean
}

const SPECIAL = /[*?[{]/

/** True for text that is a pattern rather than a name. */
export function isGlob(text: string): boolean {
  return SPECIAL.test(text)
}

/** The folder above everything that the pattern can fit, with its slash: `a/b/` of `a/b/*.csv`; may be empty. */
export function globBase(pattern: string): string {
  const fixed = pattern.slice(0, pattern.search(SPECIAL))
  return fixed.slice(0, fixed.lastIndexOf('/') + 1)
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
