import type { Context, Field, ObjectInfo, StoredObject } from '@omni/spec'
import { LITTER } from '../archive/member.ts'
import { unpackedName } from '../compress/index.ts'
import { fileFault } from '../errors.ts'
import { createGlob, type Glob, patternOf } from '../glob.ts'
import type { FileOptions } from '../options.ts'
import { type Partitions, partitionFields, partitionsOf } from './partitions.ts'

/** One file of a set. */
export interface FileRef {
  /** Path below the set's folder, with `/`; of a single file its name. The id of its split. */
  readonly id: string
  readonly info: ObjectInfo
  readonly object: StoredObject
  readonly partitions: Partitions
}

/** The files that a path means. */
export interface FileSet {
  /** In the byte order of their paths. */
  readonly files: readonly FileRef[]
  /** The place of each id in `files`. */
  readonly places: ReadonlyMap<string, number>
  /** A folder or a pattern: also where it has just one file today. */
  readonly isMany: boolean
  /** Columns that the names of folders give. */
  readonly partitions: readonly Field[]
  /** For a person. */
  readonly notes: readonly string[]
}

/** Finds the files that `path` means: one, those of a folder, or those that fit a pattern. Rejects when none do. */
export async function findFiles(options: FileOptions, ctx: Context): Promise<FileSet> {
  const { path } = options
  const open = (locator: string): StoredObject => ctx.storage(locator, options.storageOptions)
  const object = open(path)
  const pattern = patternOf(path)
  const info = await object.head().catch((error: unknown) => {
    // A name that holds special characters and is there means itself.
    if (pattern === undefined) throw error
    return undefined
  })
  if (info && !info.isFolder) return single(info, object)
  const base = info || pattern === undefined ? path : pattern.base
  const glob = info || pattern === undefined ? undefined : createGlob(pattern.rest)
  return await folder(base === '' ? '.' : base, glob, options, open)
}

function single(info: ObjectInfo, object: StoredObject): FileSet {
  const file = { id: info.name, info, object, partitions: new Map<string, string | null>() }
  return { files: [file], places: new Map([[file.id, 0]]), isMany: false, partitions: [], notes: [] }
}

async function folder(
  base: string,
  glob: Glob | undefined,
  options: FileOptions,
  open: (locator: string) => StoredObject,
): Promise<FileSet> {
  const top = open(base)
  const { url } = await top.head()
  const prefix = url.endsWith('/') ? url : `${url}/`
  const files: FileRef[] = []
  let empty = 0
  for await (const info of top.list()) {
    const rest = info.url.slice(prefix.length)
    const id = info.url.startsWith('file:') ? decodeURIComponent(rest) : rest
    if (!isData(id) || (glob && !glob.matches(id))) continue
    if (info.size === 0) {
      empty++
      continue
    }
    const partitions = options.partitions === 'none' ? new Map<string, string | null>() : partitionsOf(id)
    files.push({ id, info, object: open(info.url), partitions })
  }
  if (files.length === 0) {
    const why = empty > 0 ? `All ${empty} files are empty.` : 'No file is there.'
    throw fileFault('file.set.empty', why)
  }
  expectOneKind(files, options)
  const notes = [`files: ${files.length}`, ...(empty > 0 ? [`empty files left out: ${empty}`] : [])]
  const partitions = partitionFields(files.map((file) => file.partitions))
  if (partitions.length > 0) notes.push(`partitions: ${partitions.map(({ name }) => name).join(', ')}`)
  const places = new Map(files.map(({ id }, place) => [id, place]))
  return { files, places, isMany: true, partitions, notes }
}

/** Hidden files and those of tools (`_SUCCESS`, `.part-0.crc`) are no data. */
function isData(id: string): boolean {
  return !LITTER.test(id) && !id.split('/').some((name) => /^[._]/.test(name) && !name.includes('='))
}

/** Kinds of files by their suffix, which name what is inside a compression. */
function expectOneKind(files: readonly FileRef[], options: FileOptions): void {
  if (options.format !== 'auto') return
  const kinds = new Map<string, number>()
  for (const { id } of files) {
    const kind = suffixOf(id)
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
  }
  if (kinds.size < 2) return
  const list = [...kinds].map(([kind, count]) => `${count} of ${kind || 'no suffix'}`).join(', ')
  throw fileFault('file.set.mixed', `The files are of several kinds: ${list}.`)
}

/** Suffixes that mean the same. */
const ALIKE: ReadonlyMap<string, string> = new Map([
  ['.jsonl', '.ndjson'],
  ['.ldjson', '.ndjson'],
  ['.pq', '.parquet'],
  ['.parq', '.parquet'],
])

function suffixOf(id: string): string {
  const name = unpackedName(id.slice(id.lastIndexOf('/') + 1))
  const suffix = /\.[A-Za-z][A-Za-z0-9]*$/.exec(name)?.[0].toLowerCase() ?? ''
  return ALIKE.get(suffix) ?? suffix
}
