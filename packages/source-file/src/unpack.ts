import type { ObjectInfo, StoredObject } from '@omni/spec'
import { isTar, isZip } from './archive/detect.ts'
import { chooseMember, type Member } from './archive/member.ts'
import { detectCompression, guardRatio, unpackedName, unpackMeasured } from './compress/index.ts'
import { fileFault } from './errors.ts'
import { type Format, type FormatFacts, type FormatInput, HEAD_BYTES, type Head } from './format.ts'
import { chooseFormat } from './formats.ts'
import { holdInMemory } from './memory.ts'
import type { FileOptions } from './options.ts'

/** A file with its layers taken off, and what they were. */
export interface Unpacked {
  readonly format: Format
  readonly input: FormatInput
  readonly facts: FormatFacts
}

/** Compressions and archives inside each other, at most. */
const MAX_LAYERS = 4

/** One layer: what is inside so far. */
interface Layer {
  readonly open: (reuse?: boolean) => AsyncIterable<Uint8Array>
  readonly name: string
  readonly size: number | null
  /** For random access; only the outermost layer has it. */
  readonly object?: StoredObject
}

/** Looks through compressions and archives, by their bytes, until it sees data; then names the format. */
export async function unpack(
  object: StoredObject,
  info: ObjectInfo,
  options: FileOptions,
  signal: AbortSignal,
): Promise<Unpacked> {
  const notes: string[] = []
  let hasArchive = false
  let layer: Layer = {
    open: (reuse = false) => object.stream({ signal, reuse }),
    name: info.name,
    size: info.size,
    object,
  }
  for (let depth = 0; ; depth++) {
    const head = await readHead(layer.open())
    if (head.bytes.length === 0) {
      throw fileFault('file.empty', depth === 0 ? 'The file is empty.' : 'The file is empty after unpacking.')
    }
    const compression = detectCompression(head.bytes, layer.name)
    const isArchive = isZip(head.bytes) ? 'zip' : isTar(head.bytes) ? 'tar' : undefined
    if (depth >= MAX_LAYERS && (compression || isArchive)) {
      throw fileFault(
        'file.nesting',
        `More than ${MAX_LAYERS} compressions and archives are inside each other.`,
      )
    }
    if (compression) {
      const inner = layer
      notes.push(`compression: ${compression.name}`)
      layer = {
        open: () => unpackMeasured(inner.open(), compression.decompress),
        name: unpackedName(layer.name),
        size: null,
      }
    } else if (isArchive) {
      hasArchive = true
      const members = await (isArchive === 'tar' ? listTarLayer(layer) : listZipLayer(layer, signal))
      refuseOffice(members)
      const member = chooseMember(members, options.member)
      notes.push(`archive: ${isArchive}, file: ${JSON.stringify(member.name)}`)
      layer = { open: () => guardMember(member), name: baseName(member.name), size: member.size }
    } else {
      if (options.member !== undefined && !hasArchive) {
        throw fileFault('file.member.unneeded', 'A member was named, and the file is not an archive.')
      }
      return finish(layer, head, options, notes)
    }
  }
}

async function finish(layer: Layer, head: Head, options: FileOptions, notes: string[]): Promise<Unpacked> {
  const format = chooseFormat(head, layer.name, options)
  notes.unshift(`format: ${format.name}`)
  const held =
    format.access === 'random' && !layer.object ? await holdInMemory(layer.open, layer.name) : undefined
  const object = held?.object ?? layer.object
  const input: FormatInput = {
    open: layer.open,
    head,
    fileName: layer.name,
    size: held?.size ?? layer.size,
    ...(object ? { object } : {}),
  }
  const facts = await format.describe(input, options)
  return { format, input, facts: { ...facts, notes: [...notes, ...facts.notes] } }
}

async function listTarLayer(layer: Layer): Promise<readonly Member[]> {
  const { listTar } = await import('./archive/tar.ts')
  return listTar(layer.open)
}

async function listZipLayer(layer: Layer, signal: AbortSignal): Promise<readonly Member[]> {
  const { listZip } = await import('./archive/zip.ts')
  if (layer.object && layer.size !== null) return listZip(layer.object, layer.size, signal)
  const { object, size } = await holdInMemory(layer.open, layer.name)
  return listZip(object, size, signal)
}

/** Workbooks and documents are zip archives of XML. */
function refuseOffice(members: readonly Member[]): void {
  if (members.some(({ name }) => name === '[Content_Types].xml')) {
    throw fileFault('file.format.unknown', 'The file is an Office document (as .xlsx), which is not read.')
  }
}

/** The first bytes of a stream, which is closed again. */
async function readHead(source: AsyncIterable<Uint8Array>): Promise<Head> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of source) {
    parts.push(part)
    size += part.length
    if (size > HEAD_BYTES) return { bytes: Buffer.concat(parts).subarray(0, HEAD_BYTES), complete: false }
  }
  return { bytes: Buffer.concat(parts), complete: true }
}

/** The ratio of a member is over its own bytes, not those of the archive. */
function guardMember(member: Member): AsyncIterable<Uint8Array> {
  return member.packedSize === undefined
    ? member.open()
    : guardRatio(member.open(), () => member.packedSize as number)
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
