import type { ObjectStore } from '@omni/spec'
import { inOrder } from '../home/in-order.ts'
import { placeBelow } from '../home/place.ts'
import { listBelow, readIfThere } from '../home/store-file.ts'
import { canonicalJson } from '../manifest/canonical-json.ts'
import { type Head, parseHead } from './head.ts'
import { damaged, type Ledger } from './ledger.ts'
import { type AuditEvent, type AuditRecord, asRecord, chain, GENESIS, readableLine } from './record.ts'

/** A record object as it was found. */
export interface FoundRecord {
  readonly text: string
  /** Undefined where it is no record. */
  readonly record: AuditRecord | undefined
  /** The readable line in it. */
  readonly line: unknown
}

/** Folder of the records, from the root. */
export const RECORD_FOLDER = 'logs/ingest'
const SEQ_DIGITS = 12
/** Records that are read at once: of all, and where the first is most likely the one. */
const AHEAD = 16
const AHEAD_OF_FEW = 4

/** Name of a record's object, from the root: `logs/ingest/000000000001.json`. */
export function recordName(seq: number): string {
  return `${RECORD_FOLDER}/${String(seq).padStart(SEQ_DIGITS, '0')}.json`
}

/** The number in the name of a record's object; undefined for any other name. */
export function seqOf(name: string): number | undefined {
  return /^\d{12}\.json$/.test(name) ? Number(name.slice(0, SEQ_DIGITS)) : undefined
}

/** A record and its readable line as the exact text of their object. */
export function recordText(record: AuditRecord, line: string = lineOf(record)): string {
  return `${canonicalJson({ line, record })}\n`
}

/** The readable line of a record, without its line feed. */
export function lineOf(record: AuditRecord): string {
  return readableLine(record).slice(0, -1)
}

/** The audit log of an object store: an object for each record, put only if absent, so that none is lost. */
export function openStoreLedger(store: ObjectStore, root: string): Ledger {
  const headUrl = placeBelow(root, 'logs', '.head')
  const read = async (seq: number): Promise<FoundRecord | undefined> => {
    const bytes = await readIfThere(store.object(placeBelow(root, recordName(seq))))
    return bytes === undefined ? undefined : parseObject(bytes.toString('utf8'))
  }
  const readHead = async (): Promise<string | undefined> =>
    (await readIfThere(store.object(headUrl)))?.toString('utf8')
  const headOf = (text: string | undefined): Head | undefined =>
    text === undefined ? undefined : parseHead(text)
  const need = (found: FoundRecord | undefined, seq: number): AuditRecord => {
    if (found?.record?.seq === seq) return found.record
    throw damaged(`${recordName(seq)} is ${found === undefined ? 'not there' : 'not a record'}.`)
  }

  /** The newest record: from the one that the head names, or else that a list ends with, to the last. */
  const findLast = async (): Promise<AuditRecord | undefined> => {
    const head = headOf(await readHead())
    let last: AuditRecord | undefined
    if (head === undefined) {
      let seq: number | undefined
      for await (const { name } of listBelow(store, placeBelow(root, RECORD_FOLDER))) seq = seqOf(name) ?? seq
      if (seq !== undefined) last = need(await read(seq), seq)
    } else {
      last = need(await read(head.count), head.count)
      if (last.hash !== head.hash) throw damaged(`${recordName(head.count)} is not what logs/.head knows of.`)
    }
    for (;;) {
      const seq = (last?.seq ?? 0) + 1
      const next = await read(seq)
      if (next === undefined) return last
      last = need(next, seq)
    }
  }

  /** The record if it is at its place now, or the one that another run put there. */
  const put = async (record: AuditRecord): Promise<AuditRecord> => {
    let failure: unknown
    try {
      const bytes = Buffer.from(recordText(record))
      if (await store.putIfAbsent(placeBelow(root, recordName(record.seq)), bytes)) return record
    } catch (error) {
      failure = error
    }
    // The answer to a put may get lost: what is there decides.
    const there = await read(record.seq)
    if (there === undefined && failure !== undefined) throw failure
    return need(there, record.seq)
  }

  return {
    isEmpty: async () => (await readHead()) === undefined && (await read(1)) === undefined,
    async check() {
      await findLast()
    },
    async append(event, onStep) {
      for (let last = await findLast(); ; ) {
        const record = chain(event, last ?? { seq: 0, hash: GENESIS })
        const there = await put(record)
        if (there.hash !== record.hash && !isSamePublication(there, event)) {
          last = there
          continue
        }
        onStep?.('record-appended')
        onStep?.('line-appended')
        const head = `${JSON.stringify({ count: there.seq, hash: there.hash })}\n`
        // It only helps to find the end; a later run writes the next.
        await store.put(headUrl, Buffer.from(head)).catch(() => undefined)
        onStep?.('head-replaced')
        return { record: there, repaired: undefined }
      }
    },
    async find(dataset, snapshot) {
      const last = (await findLast())?.seq ?? 0
      const backwards = Array.from({ length: last }, (_, i) => last - i)
      for await (const found of inOrder(backwards, AHEAD_OF_FEW, read)) {
        const { record } = found ?? {}
        if (record?.dataset === dataset && record.snapshot === snapshot) return record
      }
      return undefined
    },
    async verify(note) {
      const { checkRecords } = await import('../verify/check-records.ts')
      const names: string[] = []
      for await (const { name } of listBelow(store, placeBelow(root, RECORD_FOLDER))) names.push(name)
      const head = await readHead()
      const records = inOrder(
        names.map((name) => seqOf(name)).filter((seq) => seq !== undefined),
        AHEAD,
        async (seq) => ({ seq, found: await read(seq) }),
      )
      return await checkRecords({ names, head, records }, note)
    },
  }
}

/** A run that was thought dead may still have logged its snapshot: then it is logged. */
function isSamePublication(there: AuditRecord, event: AuditEvent): boolean {
  const isSame = there.dataset === event.dataset && there.snapshot === event.snapshot
  return isSame && there.event === 'snapshot' && event.event === 'snapshot'
}

function parseObject(text: string): FoundRecord {
  try {
    const { line, record } = JSON.parse(text) as { readonly line?: unknown; readonly record?: unknown }
    return { text, line, record: asRecord(record) }
  } catch {
    return { text, line: undefined, record: undefined }
  }
}
