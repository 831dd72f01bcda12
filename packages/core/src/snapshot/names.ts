import { maskText } from '../mask/index.ts'

const MAX_NAME_BYTES = 100

// https://learn.microsoft.com/windows/win32/fileio/naming-a-file#naming-conventions
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i

const SNAPSHOT = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)\.(\d{3})Z-[0-9a-f]{12}$/

/**
 * A name as one path segment that every file system takes: masked, letters, digits, `.`, `_`, `-` only, no
 * leading dot, at most 100 bytes. Different names may become the same.
 */
export function safeName(name: string): string {
  const plain = maskText(name)
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}._-]+/gu, '_')
    .replace(/_+/g, '_')
    .replace(/^[._-]+|[._-]+$/g, '')
  const cut = cutBytes(plain, MAX_NAME_BYTES).replace(/[._-]+$/, '')
  if (cut === '') return 'unnamed'
  return RESERVED.test(cut) ? `_${cut}` : cut
}

/** Safe folder names for streams, in their order, made different from each other. */
export function streamFolders(names: readonly string[]): string[] {
  const taken = new Set<string>(['manifest.json', 'quarantine.ndjson'])
  return names.map((name) => {
    const base = safeName(name)
    let folder = base
    for (let n = 2; taken.has(folder.toLowerCase()); n++) folder = `${base}-${n}`
    taken.add(folder.toLowerCase())
    return folder
  })
}

/** `<UTC yyyymmddThhmmss.mmmZ>-<12 hex of the digest>`. */
export function snapshotName(timeMs: number, digest: string): string {
  const stamp = new Date(timeMs).toISOString().replaceAll('-', '').replaceAll(':', '')
  return `${stamp}-${digest.slice(0, 12)}`
}

/** When a snapshot was published, in milliseconds since the epoch; undefined for any other name. */
export function snapshotTime(name: string): number | undefined {
  const m = SNAPSHOT.exec(name)
  if (!m) return undefined
  const time = Date.parse(`${m[1]}-${m[2]}-${m[3]}T${m[4]}:${m[5]}:${m[6]}.${m[7]}Z`)
  return Number.isNaN(time) ? undefined : time
}

function cutBytes(text: string, maxBytes: number): string {
  let bytes = 0
  let out = ''
  for (const char of text) {
    bytes += Buffer.byteLength(char)
    if (bytes > maxBytes) break
    out += char
  }
  return out
}
