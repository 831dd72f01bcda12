import { type Chunk, fault, isFault, type Reader, type Row } from '@omni/spec'
import { good, type LedgerDefinition, type LedgerOptions, openLedger } from './ledger.ts'

type LedgerReader = Reader<{ after: number }>
type Read = LedgerReader['read']

/** The good reader with some members replaced. */
const reader = (
  change: (inner: LedgerReader, options: LedgerOptions) => Partial<LedgerReader>,
): LedgerDefinition => ({
  ...good,
  open: (options, ctx) => {
    const inner = openLedger(options, ctx)
    return { ...inner, ...change(inner, options) }
  },
})

/** The good reader with each of its chunks changed. */
const chunks = (
  change: (
    chunk: Exclude<Chunk<{ after: number }>, { restart: unknown }>,
    options: LedgerOptions,
  ) => Chunk<{ after: number }>,
): LedgerDefinition =>
  reader((inner, options) => ({
    async *read(...args: Parameters<Read>) {
      for await (const chunk of inner.read(...args)) yield 'restart' in chunk ? chunk : change(chunk, options)
    },
  }))

const rowsOf = (chunk: object): readonly Row[] => (chunk as { rows: readonly Row[] }).rows
const forever = (): Promise<never> => new Promise(() => {})
/** Counts calls over all sessions, as module state would. */
const counter = (): (() => number) => {
  let calls = 0
  return () => calls++
}

/** A small wrong source for every check: it fails that one and no other. */
export const SABOTEURS: Readonly<Record<string, () => LedgerDefinition>> = {
  C01: () => ({
    ...good,
    open: (options, ctx) => {
      const timer = setInterval(() => {}, 10_000)
      return { ...openLedger(options, ctx), close: async () => clearInterval(timer) }
    },
  }),
  C02: () => ({
    ...good,
    options: {
      '~standard': {
        version: 1,
        vendor: 'x',
        validate: (value) => ({ value: { name: 'x', ...(value as object) } as LedgerOptions }),
      },
    },
  }),
  C03: () => {
    const next = counter()
    return { ...good, describe: ({ name }) => ({ label: `ledger:${name}${next()}`, dataset: name }) }
  },
  C04: () => ({ ...good, secrets: [] }),
  C10: () => {
    const next = counter()
    return reader(() => ({ discover: async () => [{ name: 'records' }, { name: `s${next()}` }] }))
  },
  C11: () =>
    reader((inner, { name }) => ({
      discover: async () => (name === 'gone' ? [{ name: 'records' }] : inner.discover()),
      async *read(...args: Parameters<Read>) {
        if (name !== 'gone') yield* inner.read(...args)
      },
    })),
  C12: () => reader(() => ({ discover: async () => [{ name: 'records', schema: { fields: [] } }] })),
  C13: () => reader(() => ({ check: async () => ({}) })),
  C20: () => {
    const reads = new WeakMap<object, number>()
    return reader((inner, { ledger, mode }) => ({
      async *read(...args: Parameters<Read>) {
        const before = reads.get(ledger) ?? 0
        if (args[2].split) reads.set(ledger, before + 1)
        for await (const chunk of inner.read(...args)) {
          const wrong = mode === 'plain' && args[2].split && before > 0 && !('restart' in chunk)
          yield wrong
            ? { ...chunk, rows: rowsOf(chunk).map((row, i) => (i === 9 ? { ...row, extra: before } : row)) }
            : chunk
        }
      },
    }))
  },
  C21: () => chunks((chunk) => ({ ...chunk, filtered: (chunk.position?.after ?? 0) === 40 ? 1 : 0 })),
  C22: () =>
    reader((inner) => ({
      read: (stream, from, request) =>
        inner.read(stream, from, {
          ...request,
          limits: { ...request.limits, chunkRows: Math.max(8, request.limits.chunkRows) },
        }),
    })),
  C23: () =>
    reader((inner, { ledger }) => ({
      async *read(...args: Parameters<Read>) {
        ledger.served += 100 << 20
        yield* inner.read(...args)
      },
    })),
  C24: () =>
    reader((inner) => ({
      read: (stream, from, { limit: _, ...request }) => inner.read(stream, from, request),
    })),
  C25: () =>
    chunks((chunk, { mode }) =>
      mode === 'plain'
        ? { ...chunk, rows: rowsOf(chunk).map((row) => ({ ...row, id: Number(row['id']) })) }
        : chunk,
    ),
  C26: () =>
    reader((inner) => ({
      async *read(...args: Parameters<Read>) {
        try {
          yield* inner.read(...args)
        } catch (error) {
          if (isFault(error) && error.kind === 'aborted') await forever()
          throw error
        }
      },
    })),
  C27: () =>
    reader((inner) => ({
      read: (...args) => {
        const iterator = inner.read(...args)[Symbol.asyncIterator]()
        return {
          [Symbol.asyncIterator]: () => ({
            next: () => iterator.next(),
            return:
              args[2].limits.chunkRows === 7
                ? forever
                : async () => ({ done: true as const, value: undefined }),
          }),
        }
      },
    })),
  C28: () =>
    reader((inner, { mode }) => ({
      async *read(...args: Parameters<Read>) {
        let first = mode === 'restarting'
        for await (const chunk of inner.read(...args)) {
          if (first && 'restart' in chunk) {
            yield chunk
            continue
          }
          if (first && !('restart' in chunk) && chunk.position) {
            first = false
            yield { ...chunk, rows: rowsOf(chunk).slice(1) }
          } else yield chunk
        }
      },
    })),
  C29: () => chunks((chunk) => (chunk.rejected ? { ...chunk, rows: rowsOf(chunk).slice(1) } : chunk)),
  C30: () =>
    chunks((chunk) =>
      chunk.position && chunk.position.after < 40
        ? { ...chunk, position: { after: chunk.position.after + 1 } }
        : chunk,
    ),
  C31: () =>
    reader((inner) => ({
      read: (stream, from, request) =>
        inner.read(
          stream,
          from && from.after >= 40 && from.after < 1000 ? { after: from.after - 1 } : from,
          request,
        ),
    })),
  C32: () => chunks((chunk) => ({ ...chunk, position: { ...chunk.position, at: { nested: 1 } } as never })),
  C33: () =>
    reader((inner) => ({
      read: (stream, from, request) =>
        inner.read(stream, from && from.after > 1000 ? undefined : from, request),
    })),
  C34: () =>
    chunks((chunk) =>
      chunk.position
        ? { ...chunk, position: { ...chunk.position, last: 'value-of-the-data' } as never }
        : chunk,
    ),
  C40: () =>
    reader((inner) => ({
      async *read(stream, from, asked) {
        for await (const chunk of inner.read(stream, from, asked)) {
          yield asked.split || 'restart' in chunk ? chunk : { ...chunk, rows: [...rowsOf(chunk)].reverse() }
        }
      },
    })),
  C41: () => {
    const next = counter()
    return reader(() => ({ splits: async () => [{ id: `s${next()}` }] }))
  },
  C50: () =>
    reader((inner, { ledger }) => ({
      async *read(...args: Parameters<Read>) {
        yield* inner.read(...args)
        ledger.acknowledged = ledger.records.length
      },
    })),
  C51: () => {
    const seen = new WeakSet<object>()
    return reader((inner, { ledger }) => ({
      ack: async (...args: Parameters<NonNullable<LedgerReader['ack']>>) => {
        if (seen.has(ledger)) throw fault({ kind: 'bug', code: 'ledger.ack', why: 'Twice.', fix: 'Once.' })
        seen.add(ledger)
        await inner.ack?.(...args)
      },
    }))
  },
  C60: () =>
    reader((inner, { name }) => ({
      check: async () => {
        if (name === 'gone') throw new TypeError('x')
        return inner.check?.() ?? {}
      },
    })),
  C61: () =>
    reader((inner, { ledger }) => ({
      discover: async () => {
        if (ledger.state === 'away') {
          throw fault({ kind: 'unavailable', code: 'x', why: 'At value-of-the-data.', fix: 'Start it.' })
        }
        return inner.discover()
      },
    })),
  C62: () =>
    reader((inner, { ledger }) => ({
      discover: async () => {
        if (ledger.state === 'refusing')
          throw fault({ kind: 'unavailable', code: 'x', why: 'No.', fix: 'Start it.' })
        return inner.discover()
      },
    })),
  C63: () => reader(() => ({ close: async () => void setTimeout(() => {}, 60_000).ref() })),
  C70: () => ({
    ...good,
    open: (options, ctx) => {
      const inner = openLedger(options, ctx)
      return {
        ...inner,
        async *read(...args: Parameters<Read>) {
          ctx.log.info('read value-of-the-data')
          yield* inner.read(...args)
        },
      }
    },
  }),
  C71: () => ({ ...good, capabilities: { ...good.capabilities, check: undefined as never } }),
}
