/** One link of a `Link` header (RFC 8288, section 3). */
export interface WebLink {
  /** As written, often relative. */
  readonly target: string
  /** Names in lower case; the first of a repeated parameter counts (section 3). */
  readonly params: Readonly<Record<string, string>>
}

/**
 * Parses a `Link` header by RFC 8288, appendix B.2: linear, and never throws. What is malformed is left out.
 */
export function parseLinks(header: string): readonly WebLink[] {
  const links: WebLink[] = []
  let i = 0
  const skip = (set: string): void => {
    while (i < header.length && set.includes(header[i] as string)) i++
  }
  const until = (set: string): string => {
    const start = i
    while (i < header.length && !set.includes(header[i] as string)) i++
    return header.slice(start, i)
  }
  while (i < header.length) {
    skip(' \t,')
    if (header[i] !== '<') {
      until(',')
      continue
    }
    i++
    const target = until('>').trim()
    if (header[i] !== '>') break
    i++
    const params: Record<string, string> = Object.create(null) as Record<string, string>
    skip(' \t')
    while (header[i] === ';') {
      i++
      skip(' \t')
      const name = until('=;, \t').toLowerCase()
      skip(' \t')
      let value = ''
      if (header[i] === '=') {
        i++
        skip(' \t')
        value = header[i] === '"' ? quoted() : until(';, \t')
      }
      if (name !== '' && !(name in params)) params[name] = value
      skip(' \t')
    }
    links.push({ target, params })
    until(',')
  }
  return links

  function quoted(): string {
    let value = ''
    i++
    while (i < header.length && header[i] !== '"') {
      if (header[i] === '\\' && i + 1 < header.length) i++
      value += header[i++]
    }
    i++
    return value
  }
}

/** The target of the link with `rel=next`; a link with an anchor is about something else (section 3.2). */
export function nextLink(header: string | null): string | undefined {
  if (header === null) return undefined
  const links = parseLinks(header)
  const isNext = ({ params }: WebLink): boolean =>
    params['anchor'] === undefined && (params['rel'] ?? '').toLowerCase().split(/\s+/).includes('next')
  return links.find(isNext)?.target
}
