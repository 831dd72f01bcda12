import type { StoredObject } from '@omni/spec'
import { fileFault } from '../errors.ts'
import type { Member } from './member.ts'
import { createNameBook } from './names.ts'
import { readMember } from './zip-data.ts'
import { readDirectory, type ZipSource } from './zip-directory.ts'
import type { ZipEntry } from './zip-entry.ts'

/** Bytes of a local header without its name. */
const LOCAL_BYTES = 30

/**
 * The files of a zip archive, by its central directory, in its order. Nothing is unpacked to a disk. Every member is
 * checked when it is read; that no two of them lie on each other, now.
 */
export async function listZip(
  object: StoredObject,
  size: number,
  signal: AbortSignal,
): Promise<readonly Member[]> {
  const source: ZipSource = { object, size, signal }
  const names = createNameBook()
  const offsets: number[] = []
  const ends: number[] = []
  const members: ZipMember[] = []
  const places: Places = { limits: new Float64Array(0) }
  for await (const entries of readDirectory(source)) {
    for (const entry of entries) {
      const index = offsets.length
      offsets.push(entry.offset)
      ends.push(entry.offset + LOCAL_BYTES + entry.packedSize)
      const name = names.take(entry.name, entry.kind === 'file')
      if (typeof name !== 'string')
        throw fileFault('file.zip.path', `The name of entry ${index + 1} ${name.refused}.`)
      if (entry.kind === 'file') members.push(new ZipMember(source, entry, name, index, places))
    }
  }
  places.limits = findLimits(offsets, ends, size)
  return members
}

/** Where each entry may end; known when all of them are. */
interface Places {
  limits: Float64Array
}

/** A class, since there may be a million of them: their methods take no memory. */
class ZipMember implements Member {
  readonly name: string
  readonly #source: ZipSource
  readonly #entry: ZipEntry
  readonly #index: number
  readonly #places: Places

  constructor(source: ZipSource, entry: ZipEntry, name: string, index: number, places: Places) {
    this.#source = source
    this.#entry = entry
    this.name = name
    this.#index = index
    this.#places = places
  }

  get size(): number {
    return this.#entry.size
  }

  get packedSize(): number {
    return this.#entry.packedSize
  }

  get modifiedMs(): number | undefined {
    return this.#entry.modifiedMs
  }

  open(): AsyncIterable<Uint8Array> {
    return readMember(this.#source, this.#entry, this.#places.limits[this.#index] as number)
  }
}

/**
 * Where the data of each entry ends at the latest: where the next one begins. Entries that lie on each other make a
 * small archive unpack to petabytes (https://www.bamsoftware.com/hacks/zipbomb/), and no program writes them.
 */
function findLimits(offsets: readonly number[], ends: readonly number[], size: number): Float64Array {
  const order = Uint32Array.from(offsets.keys()).sort(
    (a, b) => (offsets[a] as number) - (offsets[b] as number),
  )
  const limits = new Float64Array(offsets.length)
  order.forEach((index, i) => {
    const next = order[i + 1]
    const limit = next === undefined ? size : (offsets[next] as number)
    if ((ends[index] as number) > limit) {
      throw fileFault('file.bomb', 'Files of the zip archive lie on each other, as in a bomb.')
    }
    limits[index] = limit
  })
  return limits
}
