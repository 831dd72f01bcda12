import { fileFault } from '../errors.ts'

/** The steps of `--records`: names, or positions in an array. `data.items`, `$.data.items`, `/data/items` (RFC 6901). */
export function parsePath(text: string | undefined): readonly string[] {
  if (text === undefined || text === '' || text === '$' || text === '.') return []
  if (text.startsWith('/')) {
    return text
      .slice(1)
      .split('/')
      .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  }
  // A trailing [*] says "each item", which is meant anyway.
  const plain = text.replace(/^\$\.?/, '').replace(/\[\*\]$/, '')
  const steps: string[] = []
  const pattern = /([^.[\]]+)|\[(\d+)\]|\[(?:'([^']*)'|"([^"]*)")\]/y
  let at = 0
  while (at < plain.length) {
    if (plain[at] === '.' && at > 0) at++
    pattern.lastIndex = at
    const found = pattern.exec(plain)
    if (!found)
      throw fileFault('file.records.path', `The path to the records is not valid at character ${at + 1}.`)
    steps.push(found[1] ?? found[2] ?? found[3] ?? found[4] ?? '')
    at = pattern.lastIndex
  }
  return steps
}
