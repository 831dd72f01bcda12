import { fileFault } from '../errors.ts'
import { createGlob, type Glob } from '../glob.ts'

/** One file inside an archive. */
export interface Member {
  /** Path inside the archive, with `/`, without a leading `./`. */
  readonly name: string
  /** Bytes after unpacking. */
  readonly size: number
  /** Bytes in the archive, where the member is compressed by it. */
  readonly packedSize?: number
  /** Last modification, milliseconds since the epoch, where the archive says it with a zone. */
  readonly modifiedMs?: number | undefined
  /** May be called again; of a compressed tar, in the order of the archive it costs the least. */
  open(): AsyncIterable<Uint8Array>
}

/** Names that a message lists, at most. */
const LISTED = 20

/** What operating systems put in archives beside the data. */
export const LITTER: RegExp = /(?:^|\/)(?:__MACOSX\/|\.DS_Store$|\._[^/]*$|Thumbs\.db$|desktop\.ini$)/

/** The members to read: those that the name or pattern fits, or all. A fault that lists them where there is none. */
export function chooseMembers(members: readonly Member[], wanted: string | undefined): readonly Member[] {
  const files = members.filter(({ name }) => !LITTER.test(name))
  if (wanted === undefined) {
    if (files.length === 0) throw fileFault('file.member.none', 'The archive holds no file.')
    return files
  }
  const exact = files.filter(({ name }) => name === wanted)
  const found = exact.length > 0 ? exact : files.filter(({ name }) => fits(name, createGlob(wanted)))
  if (found.length > 0) return found
  const why = `No file of the archive is called ${JSON.stringify(wanted)}; it holds ${list(files)}.`
  throw fileFault('file.member.missing', why)
}

/** The fault of an archive whose files cannot be read together. */
export function mixedMembers(members: readonly { readonly name: string }[]): Error {
  const why = `The archive holds ${members.length} files of several kinds: ${list(members)}.`
  return fileFault('file.member.ambiguous', why)
}

function list(files: readonly { readonly name: string }[]): string {
  if (files.length === 0) return 'none'
  const names = files.slice(0, LISTED).map(({ name }) => JSON.stringify(name))
  const more = files.length - names.length
  return names.join(', ') + (more > 0 ? ` and ${more} more` : '')
}

/** A pattern without a slash fits the name in any folder. */
function fits(name: string, glob: Glob): boolean {
  return glob.matches(glob.pattern.includes('/') ? name : name.slice(name.lastIndexOf('/') + 1))
}

/** Why a member's name is refused, or undefined: absolute, upward, or with a drive or a NUL. */
export function refuseName(name: string): string | undefined {
  if (name.includes('\0')) return 'holds a NUL'
  if (/^(?:[/\\]|[A-Za-z]:)/.test(name)) return 'is an absolute path'
  if (name.split(/[/\\]/).includes('..')) return 'leads out of its folder'
  return undefined
}
