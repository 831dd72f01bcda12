import type { StoredObject } from '@omni/spec'
import type { Format, FormatChunk, FormatFacts, FormatInput, FormatRequest, Table } from './format.ts'
import { findLeaves, type Layer, type Leaf } from './layers.ts'
import { holdInMemory } from './memory.ts'
import type { FileOptions } from './options.ts'
import type { Part, PartId } from './parts.ts'
import type { JobFile } from './sandbox/messages.ts'

/** A file that was looked into. */
export interface OpenedFile {
  /** The tables in it, in order. */
  readonly parts: readonly Part[]
  /** Chunks of one of them, or undefined where the file has no such table. */
  decode(part: PartId, request: FormatRequest): AsyncIterable<FormatChunk> | undefined
}

/** Files that were looked into; the last one is remembered, since looking at it is followed by reading it. */
export interface FileCache {
  open(object: StoredObject, file: JobFile, signal: AbortSignal): Promise<OpenedFile>
}

export function createFileCache(): FileCache {
  let last: { readonly key: string; readonly opened: OpenedFile } | undefined
  return {
    async open(object, file, signal) {
      const key = JSON.stringify([file.info.url, file.info.etag, file.options])
      if (last?.key !== key) last = { key, opened: await openFile(object, file, signal) }
      return last.opened
    },
  }
}

async function openFile(
  object: StoredObject,
  { info, options }: JobFile,
  signal: AbortSignal,
): Promise<OpenedFile> {
  const file: Layer = {
    open: (reuse = false) => object.stream({ signal, reuse }),
    name: info.name,
    size: info.size,
    object,
    members: [],
    notes: [],
  }
  const leaves = await findLeaves(file, options, signal)
  const isSingle = leaves.length === 1
  const found: { readonly part: Part; readonly leaf: Leaf }[] = []
  for (const leaf of leaves) {
    const format = await leaf.format.load()
    const whole = await inputOf(leaf, format)
    for (const table of await tablesOf(format, whole, options)) {
      const input = table === undefined ? whole : { ...whole, table: table.name }
      const facts = await format.describe(input, options)
      // The one file of an archive is the file itself, for whoever names it.
      const members = isSingle ? [] : leaf.members
      const id: PartId = { members, ...(table === undefined ? {} : { table: table.name }) }
      found.push({ part: partOf(leaf, id, table, facts), leaf })
    }
  }
  return {
    parts: found.map(({ part }) => part),
    decode(wanted, request) {
      const key = JSON.stringify(wanted)
      const one = found.find(({ part }) => JSON.stringify(part.id) === key)
      return one && decodeLeaf(one.leaf, wanted.table, options, request)
    },
  }
}

async function* decodeLeaf(
  leaf: Leaf,
  table: string | undefined,
  options: FileOptions,
  request: FormatRequest,
): AsyncGenerator<FormatChunk, void, void> {
  // Made anew: what a packed file needs in memory is held while it is read, and no longer.
  const format = await leaf.format.load()
  const input = await inputOf(leaf, format)
  const chosen = table === undefined ? input : { ...input, table }
  yield* format.decode(chosen, options, request)
}

function partOf(leaf: Leaf, id: PartId, table: Table | undefined, facts: FormatFacts): Part {
  return {
    id,
    format: leaf.format.name,
    notes: [`format: ${leaf.format.name}`, ...leaf.notes, ...(table?.notes ?? []), ...facts.notes],
    ...(facts.schema === undefined ? {} : { schema: facts.schema }),
    ...(facts.rows === undefined ? {} : { rows: facts.rows }),
  }
}

/** The tables of a file; one that is always one table has just itself. */
async function tablesOf(
  format: Format,
  input: FormatInput,
  options: FileOptions,
): Promise<readonly (Table | undefined)[]> {
  return format.tables === undefined ? [undefined] : await format.tables(input, options)
}

async function inputOf({ head, ...layer }: Leaf, { access }: Format): Promise<FormatInput> {
  const held = access === 'random' && !layer.object ? await holdInMemory(layer.open, layer.name) : undefined
  const object = held?.object ?? layer.object
  return {
    // What was seen whole is not fetched again.
    open: head.complete ? () => once(head.bytes) : layer.open,
    head,
    fileName: layer.name,
    size: held?.size ?? layer.size,
    memo: new Map(),
    ...(object ? { object } : {}),
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  // A copy, for pieces are the format's to keep and to give away.
  if (bytes.length > 0) yield new Uint8Array(bytes)
}
