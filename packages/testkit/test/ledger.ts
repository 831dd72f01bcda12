import {
  type Chunk,
  type Collector,
  type Context,
  defineSource,
  fault,
  type Position,
  type Reader,
  type Row,
  type SourceDefinition,
  type StandardSchemaV1,
  type Stream,
} from '@omni/spec'
import type { World } from '../src/conformance/world.ts'

/** A small system in memory with every capability, so that each rule can be broken alone. */
export interface Ledger {
  readonly records: Row[]
  acknowledged: number
  served: number
  state: 'up' | 'away' | 'refusing'
}

export interface LedgerOptions {
  readonly ledger: Ledger
  readonly name: string
  readonly password: string
  readonly mode: 'plain' | 'corrupt' | 'restarting'
}

export type LedgerDefinition = SourceDefinition<LedgerOptions, { after: number }>

const SECRET = 'sesame-42'
const VALUE = 'value-of-the-data'
const RECORDS = 40
const BYTES = 100

const options: StandardSchemaV1<unknown, LedgerOptions> = {
  '~standard': {
    version: 1,
    vendor: 'ledger',
    validate: (input) => {
      const value = input as Partial<LedgerOptions>
      const issues = []
      if (typeof value.ledger !== 'object') issues.push({ message: 'must be a ledger', path: ['ledger'] })
      if (typeof value.name !== 'string') issues.push({ message: 'must be text', path: ['name'] })
      return issues.length > 0 ? { issues } : { value: value as LedgerOptions }
    },
  },
}

const position: StandardSchemaV1<unknown, { after: number }> = {
  '~standard': {
    version: 1,
    vendor: 'ledger',
    validate: (value) => ({ value: value as { after: number } }),
  },
}

/** A definition that keeps every rule; a saboteur is made of it by replacing one thing. */
export const good: LedgerDefinition = {
  name: 'ledger',
  summary: 'Records in memory.',
  locator: 'name',
  options,
  position,
  secrets: ['password'],
  capabilities: { replay: true, positions: true, splits: true, ack: true, check: true, restart: true },
  describe: ({ name }) => ({ label: `ledger:${name}`, dataset: name }),
  open: openLedger,
}

export function openLedger(opts: LedgerOptions, ctx: Context): Reader<{ after: number }> {
  const { ledger, name, mode } = opts
  return {
    async discover() {
      demand(ledger, name)
      return [{ name: 'records', notes: ['in memory'] }]
    },
    async check() {
      demand(ledger, name)
      return {}
    },
    async splits() {
      return [{ id: 'all' }]
    },
    async *read(
      _stream: Stream,
      from,
      { signal, limits, limit = Number.POSITIVE_INFINITY },
    ): AsyncGenerator<Chunk<{ after: number }>> {
      demand(ledger, name)
      if (from && from.after > ledger.records.length) {
        throw fault({
          kind: 'position',
          code: 'ledger.position',
          why: 'The position is past the end.',
          fix: 'Use --full.',
        })
      }
      if (mode === 'corrupt') {
        const rejected = [
          { locator: 'record 3', code: 'ledger.broken', reason: 'It is not a record.', raw: VALUE },
        ]
        yield { rows: ledger.records.slice(0, 3), rejected }
        return
      }
      if (mode === 'restarting') {
        yield { rows: ledger.records.slice(0, 2) }
        yield { restart: { why: 'a wider type' } }
      }
      const rows = Math.min(limits.chunkRows, Math.max(1, Math.floor(limits.chunkBytes / BYTES)))
      let given = 0
      for (let at = from?.after ?? 0; at < ledger.records.length && given < limit; ) {
        const chunk = ledger.records.slice(at, at + Math.min(rows, limit - given))
        await new Promise((resolve) => setTimeout(resolve, 1))
        if (signal.aborted || ctx.signal.aborted) throw aborted()
        ledger.served += chunk.length * BYTES
        at += chunk.length
        given += chunk.length
        yield { rows: chunk, position: { after: at } }
      }
    },
    async ack() {
      ledger.acknowledged = ledger.records.length
    },
    async close() {},
  }
}

export const aborted = (): Error =>
  fault({ kind: 'aborted', code: 'run.aborted', why: 'Stopped.', fix: 'Run again.' })

function demand(ledger: Ledger, name: string): void {
  if (ledger.state === 'away') {
    throw fault({
      kind: 'unavailable',
      code: 'ledger.away',
      why: 'The ledger does not answer.',
      fix: 'Start it.',
    })
  }
  if (ledger.state === 'refusing') {
    throw fault({
      kind: 'auth',
      code: 'ledger.login',
      why: 'The login is refused.',
      fix: 'Check the password.',
    })
  }
  if (name === 'gone') {
    throw fault({
      kind: 'missing',
      code: 'ledger.missing',
      why: 'There is no such ledger.',
      fix: 'Check the name.',
    })
  }
}

/** The world of one definition. */
export function worldOf(definition: LedgerDefinition): () => World {
  return () => {
    const ledger: Ledger = {
      records: Array.from({ length: RECORDS }, (_, i) => ({
        id: BigInt(i),
        text: i === 0 ? VALUE : `t${i}`,
      })),
      acknowledged: 0,
      served: 0,
      state: 'up',
    }
    const make = defineSource(definition)
    const plain = { ledger, name: 'main', password: SECRET, mode: 'plain' as const }
    const collector = (more: Partial<LedgerOptions> = {}): Collector => make({ ...plain, ...more })
    return {
      collector: () => collector(),
      seed: async () => {
        ledger.acknowledged = 0
        return { records: ledger.records.length, rows: [...ledger.records] }
      },
      wrongOptions: [{ options: { name: 1 }, paths: ['name', 'ledger'] }],
      secrets: [SECRET],
      values: [VALUE],
      missing: () => collector({ name: 'gone' }),
      away: () => collector({ ledger: { ...ledger, state: 'away' } }),
      refused: () => collector({ ledger: { ...ledger, state: 'refusing' } }),
      corrupt: async () => ({ collector: collector({ mode: 'corrupt' }), records: 3, rejected: 1 }),
      restarting: async () => ({
        collector: collector({ mode: 'restarting' }),
        records: RECORDS,
        rows: ledger.records,
      }),
      append: async () => {
        ledger.records.push({ id: 1000n, text: 'more' }, { id: 1001n, text: 'more' })
        return { records: 2 }
      },
      stalePosition: { after: 999_999 } satisfies Position,
      served: async () => ledger.served,
      acknowledged: async () => ledger.acknowledged,
    }
  }
}
