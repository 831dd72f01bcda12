import type { StoredObject } from '@omni/spec'
import type { Member } from '../../archive/member.ts'
import { listZip } from '../../archive/zip.ts'
import { guardRatio } from '../../compress/index.ts'
import { excelFault } from '../errors.ts'
import { CLOSE, OPEN, TEXT, XmlScanner } from './scanner.ts'
import { attribute } from './text.ts'
import { utf8Pieces } from './utf8.ts'

/** A link from one part to another, ECMA-376 part 2, 9.3. */
export interface Relation {
  readonly id: string
  /** The last word of its type, which is alike in the transitional and the strict edition. */
  readonly type: string
  /** Name of the part, from the root, without a leading slash. */
  readonly target: string
}

/** The parts of a package, by name. */
export interface Parts {
  readonly members: readonly Member[]
  find(name: string): Member | undefined
  /** The links of a part; none where it has none. */
  relations(name: string): Promise<readonly Relation[]>
}

/** The parts of a zip archive; nothing is read but its directory. */
export async function openParts(object: StoredObject, size: number, signal: AbortSignal): Promise<Parts> {
  const members = await listZip(object, size, signal)
  const byName = new Map<string, Member>()
  for (const member of members) byName.set(keyOf(member.name), member)
  const find = (name: string): Member | undefined => byName.get(keyOf(name))
  return {
    members,
    find,
    async relations(name) {
      const slash = name.lastIndexOf('/') + 1
      const part = find(`${name.slice(0, slash)}_rels/${name.slice(slash)}.rels`)
      return part ? readRelations(part, name.slice(0, slash)) : []
    },
  }
}

/** Names of parts are compared without case and percent codes, ECMA-376 part 2, 6.2.2. */
function keyOf(name: string): string {
  const slashed = name.replaceAll('\\', '/').replace(/^\/+/, '')
  return decodePercent(slashed).toLowerCase()
}

function decodePercent(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The bytes of a part, unpacked within bounds. */
export function openPart(member: Member): AsyncIterable<Uint8Array> {
  const packed = member.packedSize
  return packed === undefined ? member.open() : guardRatio(member.open(), () => packed)
}

/** The bytes of an XML part, as UTF-8. */
export function openXml(member: Member): AsyncIterable<Uint8Array> {
  return utf8Pieces(openPart(member))
}

/** Calls for every tag of a part, with the names of the elements that are open, the tag's own included. */
export async function scanTags(
  member: Member,
  onTag: (scanner: XmlScanner, path: readonly string[]) => void,
): Promise<void> {
  const scanner = new XmlScanner()
  const path: string[] = []
  const run = (): void => {
    for (;;) {
      const token = scanner.next()
      if (token === OPEN) {
        path.push(Buffer.from(scanner.buffer.subarray(scanner.start, scanner.end)).toString('utf8'))
        onTag(scanner, path)
        if (scanner.isEmpty) path.pop()
      } else if (token === CLOSE) path.pop()
      else if (token !== TEXT) return
    }
  }
  for await (const piece of openXml(member)) {
    scanner.feed(piece)
    run()
  }
  scanner.finish()
  run()
}

async function readRelations(member: Member, folder: string): Promise<readonly Relation[]> {
  const found: Relation[] = []
  await scanTags(member, (scanner, path) => {
    if (path.at(-1) !== 'Relationship' || attribute(scanner, 'TargetMode') === 'External') return
    const id = attribute(scanner, 'Id')
    const type = attribute(scanner, 'Type')
    const target = attribute(scanner, 'Target')
    if (id === undefined || type === undefined || target === undefined) return
    found.push({ id, type: type.slice(type.lastIndexOf('/') + 1), target: resolveTarget(target, folder) })
  })
  return found
}

/** A target as a name from the root: absolute, or relative to the folder of the part (RFC 3986, 5.2.4). */
function resolveTarget(target: string, folder: string): string {
  const slashed = target.replaceAll('\\', '/')
  const whole = slashed.startsWith('/') ? slashed : folder + slashed
  const out: string[] = []
  for (const step of whole.split('/')) {
    if (step === '..') out.pop()
    else if (step !== '.' && step !== '') out.push(step)
  }
  return out.join('/')
}

/** The part, or a fault that says what is missing. */
export function requirePart(parts: Parts, name: string, what: string): Member {
  const part = parts.find(name)
  if (!part) throw excelFault('file.excel.corrupt', `The workbook lacks ${what}.`)
  return part
}
