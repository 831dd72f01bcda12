/** Why a topic filter is not valid (MQTT 5.0, section 4.7), or undefined when it is. */
export function explainFilter(filter: string): string | undefined {
  if (filter.length === 0) return 'a topic filter cannot be empty'
  if (Buffer.byteLength(filter) > 65_535) return 'a topic filter has at most 65,535 bytes'
  if (filter.includes('\0')) return 'a topic filter cannot hold a NUL character'
  const levels = filter.split('/')
  if (levels[0] === '$share' && (levels.length < 3 || !/^[^+#]+$/.test(levels[1] ?? '')))
    return 'a shared subscription is written $share/<group>/<filter>'
  for (const [i, level] of levels.entries()) {
    if (level.includes('#') && (level !== '#' || i !== levels.length - 1))
      return '# stands alone, as the last level'
    if (level.includes('+') && level !== '+') return '+ stands alone in its level'
  }
  return undefined
}

/** `mqtt:` label's locator: the first filter, and how many more. */
export function nameFilters(filters: readonly string[]): string {
  const [first = '', ...more] = filters
  return more.length === 0 ? first : `${first},+${more.length}`
}

/** A dataset name from the levels that are not wildcards, or undefined when there is none. */
export function datasetOf(filters: readonly string[]): string | undefined {
  const levels = (filters[0] ?? '').split('/').filter((level) => !/^(\+|#|\$share|)$/.test(level))
  return levels.length === 0 ? undefined : levels.join('_')
}
