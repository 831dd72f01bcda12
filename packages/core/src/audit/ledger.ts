import { open } from 'node:fs/promises'
import path from 'node:path'
import { fault } from '@omni/spec'
import { takeLock } from '../lock/lock.ts'
import { fileSize, makeFolder, replaceDurable, syncFolder } from '../snapshot/disk.ts'
import type { OnStep } from '../steps.ts'
import type { LoggedSnapshot } from '../verify/check-record.ts'
import type { Note } from '../verify/finding.ts'
import { type Head, readHead } from './head.ts'
import {
  type AuditEvent,
  type AuditRecord,
  chain,
  GENESIS,
  parseRecord,
  readableLine,
  recordLine,
} from './record.ts'
import { linesBackwards, readTail } from './tail.ts'

/** The two logs of a root and their head. */
export interface LedgerFiles {
  readonly folder: string
  readonly records: string
  readonly readable: string
  readonly head: string
}

export interface Ledger {
  /** True where nothing was ever logged. */
  isEmpty(): Promise<boolean>
  /** Looks at the end of the logs; fails with the fault `audit.damaged` when records are gone. */
  check(): Promise<void>
  /** Appends the record to both logs, durably; says what it had to repair first. */
  append(event: AuditEvent, onStep?: OnStep): Promise<{ record: AuditRecord; repaired: string | undefined }>
  /** The newest record of the snapshot, searched from the end. */
  find(dataset: string, snapshot: string): Promise<AuditRecord | undefined>
  /** Follows the chain to its end; returns what it says of each snapshot, by `dataset/snapshot`. */
  verify(note: Note): Promise<ReadonlyMap<string, LoggedSnapshot>>
}

/** Paths of the logs under a root. */
export function ledgerFiles(root: string): LedgerFiles {
  const folder = path.join(root, 'logs')
  return {
    folder,
    records: path.join(folder, 'ingest.jsonl'),
    readable: path.join(folder, 'ingest.log'),
    head: path.join(folder, '.head'),
  }
}

/** The audit log under a root. Nothing is read or made before a method is called. */
export function openLedger(root: string, now: () => number): Ledger {
  const files = ledgerFiles(root)
  return {
    isEmpty: async () => (await fileSize(files.records)) === undefined,
    async check() {
      const size = await fileSize(files.records)
      const head = await readHead(files.head)
      if (size === undefined && head === undefined) return
      refuseShortened(lastRecord((await readTail(files.records)).last), head)
    },
    async append(event, onStep) {
      await makeFolder(files.folder)
      const lock = await takeLock({
        file: path.join(files.folder, '.lock'),
        what: 'audit log',
        nowMs: now(),
        waitMs: 30_000,
      })
      try {
        return await appendLocked(files, event, onStep)
      } finally {
        await lock.release()
      }
    },
    async find(dataset, snapshot) {
      for await (const line of linesBackwards(files.records)) {
        if (!line.includes(snapshot)) continue
        const record = parseRecord(line)
        if (record?.dataset === dataset && record.snapshot === snapshot) return record
      }
      return undefined
    },
    async verify(note) {
      const { checkLogs } = await import('../verify/check-logs.ts')
      return await checkLogs(files, note)
    },
  }
}

async function appendLocked(
  files: LedgerFiles,
  event: AuditEvent,
  onStep: OnStep | undefined,
): Promise<{ record: AuditRecord; repaired: string | undefined }> {
  const repairs: string[] = []
  const head = await readHead(files.head)
  const last = await repairRecords(files, head, repairs)
  await repairReadable(files, last, repairs)
  const repaired = repairs.length === 0 ? undefined : repairs.join(' ')
  const record = chain(
    repaired === undefined ? event : { ...event, repaired },
    last ?? { seq: 0, hash: GENESIS },
  )
  const isNew = (await fileSize(files.records)) === undefined
  await appendDurable(files.records, recordLine(record))
  if (isNew) await syncFolder(files.folder)
  onStep?.('record-appended')
  const isFirstLine = (await fileSize(files.readable)) === undefined
  await appendDurable(files.readable, readableLine(record))
  if (isFirstLine) await syncFolder(files.folder)
  onStep?.('line-appended')
  await replaceDurable(files.head, `${JSON.stringify({ count: record.seq, hash: record.hash })}\n`)
  onStep?.('head-replaced')
  return { record, repaired }
}

/** Cuts off a half-written last record, and returns the last whole one. */
async function repairRecords(
  files: LedgerFiles,
  head: Head | undefined,
  repairs: string[],
): Promise<AuditRecord | undefined> {
  const tail = await readTail(files.records)
  const last = lastRecord(tail.last)
  refuseShortened(last, head)
  if (tail.torn > 0) {
    await truncateDurable(files.records, tail.size - tail.torn)
    repairs.push(`ingest.jsonl ended in half a record (${tail.torn} bytes), which was removed.`)
  }
  return last
}

/** Makes the readable log end with the line of the last record. */
async function repairReadable(
  files: LedgerFiles,
  last: AuditRecord | undefined,
  repairs: string[],
): Promise<void> {
  const tail = await readTail(files.readable)
  if (tail.torn > 0) {
    await truncateDurable(files.readable, tail.size - tail.torn)
    repairs.push(`ingest.log ended in half a line (${tail.torn} bytes), which was removed.`)
  }
  if (last === undefined || tail.last === readableLine(last).slice(0, -1)) return
  const before = tail.last?.endsWith(`chain=${last.prev}`) ?? last.seq === 1
  if (!before) return
  await appendDurable(files.readable, readableLine(last))
  repairs.push('ingest.log lacked the line of the last record, which was added.')
}

function lastRecord(line: string | undefined): AuditRecord | undefined {
  if (line === undefined) return undefined
  const record = parseRecord(line)
  if (record === undefined) throw damaged('The last line of logs/ingest.jsonl is not a record.')
  return record
}

/** Fails with the fault `audit.damaged` where the head knows of records that are gone. */
export function refuseShortened(last: AuditRecord | undefined, head: Head | undefined): void {
  const count = last?.seq ?? 0
  if (head !== undefined && head.count > count) {
    throw damaged(`logs/ingest.jsonl has ${count} records where logs/.head knows of ${head.count}.`)
  }
  if (head !== undefined && head.count === count && last !== undefined && head.hash !== last.hash) {
    throw damaged(`The last record of logs/ingest.jsonl is not the one that logs/.head knows of.`)
  }
}

/** The fault of logs that were cut off or changed. */
export function damaged(why: string): Error {
  return fault({
    kind: 'data',
    code: 'audit.damaged',
    why,
    fix: 'Run `omni-collect verify`, and bring the logs back from a copy.',
  })
}

async function appendDurable(file: string, line: string): Promise<void> {
  const handle = await open(file, 'a', 0o644)
  try {
    await handle.writeFile(line)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function truncateDurable(file: string, size: number): Promise<void> {
  const handle = await open(file, 'r+')
  try {
    await handle.truncate(size)
    await handle.sync()
  } finally {
    await handle.close()
  }
}
