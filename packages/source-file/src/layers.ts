import type { StoredObject } from '@omni/spec'
import { isTar, isZip } from './archive/detect.ts'
import { chooseMembers, type Member, mixedMembers } from './archive/member.ts'
import { detectCompression, meter, unpackedName, unpackMeasured, unpackMember } from './compress/index.ts'
import { fileFault } from './errors.ts'
import { isWorkbookZip } from './excel/detect.ts'
import { type FormatRow, HEAD_BYTES, type Head } from './format.ts'
import { chooseFormat } from './formats.ts'
import { holdInMemory } from './memory.ts'
import type { FileOptions } from './options.ts'

/** Compressions and archives inside each other, at most. */
const MAX_LAYERS = 4
/** Files of an archive that become streams, at most. */
const MAX_LEAVES = 1000

/** What is inside so far, with its compressions and archives taken off. */
export interface Layer {
  readonly open: (reuse?: boolean) => AsyncIterable<Uint8Array>
  readonly name: string
  readonly size: number | null
  /** For random access; only the outermost layer has it. */
  readonly object?: StoredObject
  /** Names of archive members that lead here. */
  readonly members: readonly string[]
  /** For a person: what was taken off. */
  readonly notes: readonly string[]
}

/** A file of data at the end of all layers. */
export interface Leaf extends Layer {
  readonly head: Head
  readonly format: FormatRow
}

/**
 * The data files inside a file: itself, or those of its archives, at any depth, in their order. Looks by the bytes,
 * never by the names alone. All of them have one format.
 */
export async function findLeaves(
  file: Layer,
  options: FileOptions,
  signal: AbortSignal,
): Promise<readonly Leaf[]> {
  const leaves: Leaf[] = []
  const archives = await descend(file, 0, options, signal, leaves)
  if (options.member !== undefined && archives === 0) {
    throw fileFault('file.member.unneeded', 'A member was named, and the file is not an archive.')
  }
  const [first] = leaves
  if (leaves.some(({ format }) => format !== first?.format)) {
    throw mixedMembers(leaves.map(({ members }) => ({ name: members.join('/') })))
  }
  return leaves
}

/** Delimited text may be empty: a table without columns. */
function isDelimited(name: string, { format }: FileOptions): boolean {
  if (format !== 'auto') return format === 'csv' || format === 'tsv'
  return /\.(?:csv|tsv|tab|psv)$/i.test(name)
}

/** Goes through compressions to data or to the members of an archive; returns how many archives there were. */
async function descend(
  outer: Layer,
  outerDepth: number,
  options: FileOptions,
  signal: AbortSignal,
  leaves: Leaf[],
): Promise<number> {
  let layer = outer
  for (let depth = outerDepth; ; depth++) {
    signal.throwIfAborted()
    const head = await readHead(layer)
    if (head.bytes.length === 0 && !isDelimited(layer.name, options)) {
      throw fileFault('file.empty', depth === 0 ? 'The file is empty.' : 'The file is empty after unpacking.')
    }
    const compression = detectCompression(head.bytes, layer.name)
    const archive = isZip(head.bytes) ? 'zip' : isTar(head.bytes) ? 'tar' : undefined
    if (depth >= MAX_LAYERS && (compression || archive)) {
      throw fileFault(
        'file.nesting',
        `More than ${MAX_LAYERS} compressions and archives are inside each other.`,
      )
    }
    if (compression) {
      const inner = layer
      layer = {
        open: () => unpackMeasured(inner.open(), compression.decompress),
        name: unpackedName(layer.name),
        size: null,
        members: layer.members,
        notes: [...layer.notes, `compression: ${compression.name}`],
      }
      continue
    }
    if (archive === undefined) {
      // The first member of an archive decides; the others are then asked only whether they are alike.
      const format = chooseFormat(head, layer.name, options)
      leaves.push({ ...layer, head, format })
      return 0
    }
    const list = archive === 'tar' ? listTarLayer : listZipLayer
    const { members, ratio } = await list(layer, signal)
    // Whoever names a member of a workbook wants to see into it.
    if (isWorkbookZip(members) && (options.member === undefined || layer.members.length > 0)) {
      leaves.push({ ...layer, head, format: chooseFormat(head, layer.name, options) })
      return 0
    }
    refuseOffice(members)
    // Where archives are inside each other, the pattern is about the innermost names.
    const chosen = chooseMembers(members, hasInner(members) ? undefined : options.member)
    if (leaves.length + chosen.length > MAX_LEAVES) {
      throw fileFault(
        'file.member.many',
        `The archive holds ${chosen.length} files; at most ${MAX_LEAVES} become streams.`,
      )
    }
    let archives = 1
    for (const member of chosen) {
      const inner = memberLayer(layer, archive, member, ratio)
      archives += await descend(inner, depth + 1, options, signal, leaves)
    }
    return archives
  }
}

function memberLayer(outer: Layer, archive: string, member: Member, ratio: number): Layer {
  return {
    // The ratio of a member is over its own bytes, not those of the archive.
    open: () => unpackMember(member.open(), (member.packedSize ?? member.size) / ratio),
    name: member.name.slice(member.name.lastIndexOf('/') + 1),
    size: member.size,
    members: [...outer.members, member.name],
    notes: [...outer.notes, `archive: ${archive}, file: ${JSON.stringify(member.name)}`],
  }
}

/** True when all that an archive holds is other archives. */
function hasInner(members: readonly Member[]): boolean {
  return members.length > 0 && members.every(({ name }) => /\.(?:zip|tar|tgz|tar\.\w+)$/i.test(name))
}

/** The members of an archive, and how many of its bytes one byte of the storage makes. */
interface Listing {
  readonly members: readonly Member[]
  readonly ratio: number
}

async function listTarLayer({ open, object, size }: Layer, signal: AbortSignal): Promise<Listing> {
  const { listTar } = await import('./archive/tar.ts')
  if (object && size !== null) return { members: await listTar(open, { object, size, signal }), ratio: 1 }
  const metered = meter(open)
  const members = await listTar(metered.open)
  return { members, ratio: metered.ratio() }
}

async function listZipLayer(layer: Layer, signal: AbortSignal): Promise<Listing> {
  const { listZip } = await import('./archive/zip.ts')
  if (layer.object && layer.size !== null) {
    return { members: await listZip(layer.object, layer.size, signal), ratio: 1 }
  }
  const metered = meter(layer.open)
  const { object, size } = await holdInMemory(metered.open, layer.name)
  return { members: await listZip(object, size, signal), ratio: metered.ratio() }
}

/** Documents and presentations are zip archives of XML, as workbooks are. */
function refuseOffice(members: readonly Member[]): void {
  if (members.some(({ name }) => name === '[Content_Types].xml')) {
    throw fileFault('file.format.unknown', 'The file is an Office document (as .docx), which is not read.')
  }
}

/** The first bytes of a layer, whose stream is closed again. */
async function readHead(layer: Layer): Promise<Head> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of layer.open()) {
    parts.push(part)
    size += part.length
    if (size > HEAD_BYTES) return { bytes: Buffer.concat(parts).subarray(0, HEAD_BYTES), complete: false }
  }
  return { bytes: Buffer.concat(parts), complete: true }
}
