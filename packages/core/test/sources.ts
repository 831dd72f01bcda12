import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import {
  type Chunk,
  type Collector,
  createCollector,
  defineSource,
  type Row,
  type StandardSchemaV1,
} from '@omni/spec'

/** Two real, small systems on disk: a log that can be read again, and a queue that forgets what is acknowledged. */
interface WorldOptions {
  readonly folder: string
  readonly chunkRows: number
}

const anything = <Value>(): StandardSchemaV1<unknown, Value> => ({
  '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as Value }) },
})

type Sequence = { readonly next: number }

function count(folder: string): number {
  const file = path.join(folder, 'count')
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0
}

/** Makes the system hold `total` records in all. */
export function grow(folder: string, total: number): void {
  writeFileSync(path.join(folder, 'count'), String(total))
}

/** Record `i`: an e-mail to mask, a 64-bit integer, text in other scripts, nulls. */
export function record(i: number): Row {
  return {
    id: BigInt(i),
    email: i % 7 === 0 ? null : `user${i}@example.com`,
    note: `Zeile ${i} – ${'ÿ'.repeat(i % 11)}`,
    big: 9_007_199_254_740_993n + BigInt(i),
    rate: i / 8,
  }
}

async function* records(from: number, to: number, chunkRows: number): AsyncGenerator<Chunk<Sequence>> {
  for (let start = from; start < to; start += chunkRows) {
    const end = Math.min(to, start + chunkRows)
    const rows = Array.from({ length: end - start }, (_, i) => record(start + i))
    yield { rows, position: { next: end } }
  }
}

const log = defineSource<WorldOptions, Sequence>({
  name: 'log',
  summary: 'A log that keeps its records.',
  locator: 'folder',
  options: anything(),
  position: anything(),
  capabilities: { replay: true, positions: true },
  describe: () => ({ label: 'log:records', dataset: 'records' }),
  open: ({ folder, chunkRows }) => ({
    discover: async () => [{ name: 'records' }],
    read: (_stream, from) => records(from?.next ?? 0, count(folder), chunkRows),
  }),
})

const queue = defineSource<WorldOptions, Sequence>({
  name: 'queue',
  summary: 'A queue that forgets what was acknowledged.',
  locator: 'folder',
  options: anything(),
  position: anything(),
  capabilities: { positions: true, ack: true },
  describe: () => ({ label: 'queue:records', dataset: 'records' }),
  open: ({ folder, chunkRows }) => ({
    discover: async () => [{ name: 'records' }],
    read: (_stream, from) =>
      records(Math.max(acknowledged(folder), from?.next ?? 0), count(folder), chunkRows),
    async ack(_stream, position) {
      const file = path.join(folder, 'acknowledged')
      writeFileSync(`${file}.next`, String(position?.next))
      renameSync(`${file}.next`, file)
    },
  }),
})

/** How far the queue has been acknowledged. */
export function acknowledged(folder: string): number {
  const file = path.join(folder, 'acknowledged')
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0
}

export type WorldName = 'log' | 'queue'

/** The collector of one of the systems. */
export function collectorOf(name: WorldName, folder: string, chunkRows: number): Collector {
  const source = (name === 'log' ? log : queue).source
  return createCollector(source, { folder, chunkRows })
}
