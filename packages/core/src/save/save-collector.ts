import {
  type AnyBatch,
  type Chunk,
  type Collector,
  defineSource,
  fault,
  type Position,
  type Row,
  type Stream,
} from '@omni/spec'

/** An apache-arrow `Table`, by the member that tells it from a record batch. */
export interface ArrowTableLike {
  readonly batches: readonly AnyBatch[]
}

/** What `save` takes: rows, batches in any form, one after the other or at once. */
export type Saveable =
  | AnyBatch
  | ArrowTableLike
  | Iterable<Row | AnyBatch | ArrowTableLike>
  | AsyncIterable<Row | AnyBatch | ArrowTableLike>

/** Data and how it is called. */
export interface SaveInput {
  readonly data: Saveable
  readonly label: string
  readonly dataset: string
}

type Item = Row | AnyBatch | ArrowTableLike

/** Data that the caller already has as a collector, so that it takes the same way as everything else. */
export function createSaveCollector(input: SaveInput): Collector<SaveInput> {
  const source = defineSource<SaveInput>({
    name: /^([a-z][a-z0-9-]{0,30}):/.exec(input.label)?.[1] ?? 'save',
    summary: 'Rows that the program already has.',
    locator: 'label',
    options: {
      '~standard': { version: 1, vendor: 'omni', validate: () => ({ value: input }) },
    },
    // An array can be read again; an iterator that was used up cannot.
    capabilities: isRepeatable(input.data) ? { replay: true } : {},
    describe: () => ({ label: input.label, dataset: input.dataset }),
    open: (options) => ({
      discover: async () => [{ name: options.dataset }],
      read: (_stream: Stream, _from: Position | undefined, { limits }) =>
        readSaved(options.data, limits.chunkRows),
    }),
  })
  const collector = source({ ...input })
  // The data itself is no option that a manifest could show.
  return { ...collector, options: describeOnly(collector.options) }
}

function describeOnly(options: SaveInput): SaveInput {
  return Object.defineProperty({ ...options }, 'data', { value: options.data, enumerable: false })
}

function isRepeatable(data: Saveable): boolean {
  return Array.isArray(data) || isBatch(data) || isTable(data) || data instanceof Set
}

async function* readSaved(data: Saveable, chunkRows: number): AsyncGenerator<Chunk> {
  if (isBatch(data)) {
    yield { batch: data }
    return
  }
  if (isTable(data)) {
    for (const batch of data.batches) yield { batch }
    return
  }
  if (!isIterable(data)) throw notRows()
  let rows: Row[] = []
  for await (const item of data as AsyncIterable<Item>) {
    if (isBatch(item) || isTable(item)) {
      if (rows.length > 0) yield { rows }
      rows = []
      for (const batch of isTable(item) ? item.batches : [item]) yield { batch }
      continue
    }
    if (typeof item !== 'object' || item === null || Array.isArray(item)) throw notRows()
    rows.push(item as Row)
    if (rows.length >= chunkRows) {
      yield { rows }
      rows = []
    }
  }
  if (rows.length > 0) yield { rows }
}

function isIterable(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Symbol.iterator in value || Symbol.asyncIterator in value
}

function isTable(value: unknown): value is ArrowTableLike {
  return typeof value === 'object' && value !== null && 'batches' in value && 'numRows' in value
}

function isBatch(value: unknown): value is AnyBatch {
  if (value instanceof Uint8Array) return true
  if (typeof value !== 'object' || value === null || !('schema' in value)) return false
  const { schema } = value as { schema: { fields?: unknown } | null }
  if (!Array.isArray(schema?.fields)) return false
  return ('numRows' in value && !('batches' in value)) || ('rows' in value && 'columns' in value)
}

function notRows(): Error {
  return fault({
    kind: 'config',
    code: 'save.rows',
    why: 'What was given to save is neither rows (plain objects) nor batches.',
    fix: 'Give an array or (async) iterable of objects, or Arrow data.',
  })
}
