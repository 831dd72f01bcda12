import { fileFault } from '../errors.ts'

/** One file inside an archive. */
export interface Member {
  /** Path inside the archive, with `/`, without a leading `./`. */
  readonly name: string
  /** Bytes after unpacking. */
  readonly size: number
  /** Bytes in the archive, where the member is compressed by it. */
  readonly packedSize?: number
  open(): AsyncIterable<Uint8Array>
}

/** Names that a message lists, at most. */
const LISTED = 20

/** What operating systems put in archives beside the data. */
const LITTER = /(?:^|\/)(?:__MACOSX\/|\.DS_Store$|\._[^/]*$|Thumbs\.db$|desktop\.ini$)/

/** The member to read: the named one, or the only one. Otherwise a fault that lists them. */
export function chooseMember(members: readonly Member[], wanted: string | undefined): Member {
  const files = members.filter(({ name }) => !LITTER.test(name))
  if (wanted === undefined) {
    const [only] = files
    if (!only) throw fileFault('file.member.none', 'The archive holds no file.')
    if (files.length === 1) return only
    throw fileFault('file.member.ambiguous', `The archive holds ${files.length} files: ${list(files)}.`)
  }
  const exact = files.filter(({ name }) => name === wanted)
  const found = exact.length > 0 ? exact : files.filter(({ name }) => matches(name, wanted))
  const [only] = found
  if (!only) {
    const why = `No file of the archive is called ${JSON.stringify(wanted)}; it holds ${list(files)}.`
    throw fileFault('file.member.missing', why)
  }
  if (found.length === 1) return only
  const why = `${JSON.stringify(wanted)} fits ${found.length} files of the archive: ${list(found)}.`
  throw fileFault('file.member.ambiguous', why)
}

function list(files: readonly Member[]): string {
  if (files.length === 0) return 'none'
  const names = files.slice(0, LISTED).map(({ name }) => JSON.stringify(name))
  const more = files.length - names.length
  return names.join(', ') + (more > 0 ? ` and ${more} more` : '')
}

/** `*` and `?` stay within a folder, `**` does not. A pattern without a slash fits the name in any folder. */
function matches(name: string, pattern: string): boolean {
  const source = pattern.replace(/\*+|\?|[^*?]+/g, (part) => {
    if (part === '?') return '[^/]'
    if (part.startsWith('*')) return part.length > 1 ? '.*' : '[^/]*'
    return part.replace(/[\\^$.|+()[\]{}]/g, '\\$&')
  })
  const target = pattern.includes('/') ? name : name.slice(name.lastIndexOf('/') + 1)
  return new RegExp(`^${source}$`, 's').test(target)
}

/** Why a member's name is refused, or undefined: absolute, upward, or with a drive or a NUL. */
export function refuseName(name: string): string | undefined {
  if (name.includes('\0')) return 'holds a NUL'
  if (/^(?:[/\\]|[A-Za-z]:)/.test(name)) return 'is an absolute path'
  if (name.split(/[/\\]/).includes('..')) return 'leads out of its folder'
  return undefined
}
