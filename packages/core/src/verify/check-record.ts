import type { Head } from '../audit/head.ts'
import { type AuditRecord, hashOf } from '../audit/record.ts'
import type { Note } from './finding.ts'

/** The head, from the root. */
export const HEAD = 'logs/.head'

/** What the log says of a snapshot. */
export interface LoggedSnapshot {
  readonly dataset: string
  readonly snapshot: string
  readonly digest: string
  /** SHA-256 of the manifest, hex. */
  readonly manifest: string
  /** The record, from the root: `logs/ingest.jsonl:12`. */
  readonly where: string
}

/** A record must have its place in the order, follow from the one before, and be what its hash says. */
export function checkRecord(
  record: AuditRecord,
  at: {
    readonly where: string
    /** Hash of the record before; empty where that was no record. */
    readonly prev: string
    readonly seq: number
    /** True when the bytes are exactly those of the record. */
    readonly isExact: boolean
  },
  note: Note,
): void {
  if (record.seq !== at.seq)
    note('log.order', at.where, `This is record ${record.seq}: one was removed, added or moved.`)
  if (at.prev !== '' && record.prev !== at.prev)
    note('log.chain', at.where, 'It does not follow from the record before it.')
  if (hashOf(record) !== record.hash || !at.isExact)
    note('log.hash', at.where, 'The record was changed after it was written.')
}

/** Remembers what a record says of its snapshot; a snapshot is published once. */
export function noteSnapshot(
  logged: Map<string, LoggedSnapshot>,
  record: AuditRecord,
  where: string,
  note: Note,
): void {
  if (record.event !== 'snapshot') return
  const { dataset, snapshot, digest, manifest } = record
  const key = `${dataset}/${snapshot}`
  const before = logged.get(key)
  if (before !== undefined) note('log.twice', where, `Snapshot ${key} was logged before, in ${before.where}.`)
  else logged.set(key, { dataset, snapshot, digest, manifest, where })
}

/** The head against the records that are there. Null: there is none. Undefined: it is broken, which was noted. */
export function checkHead(
  head: Head | undefined | null,
  records: {
    readonly count: number
    /** Hash of the record that the head names. */
    readonly hash: string | undefined
    /** How the records are called together. */
    readonly name: string
    readonly at: (seq: number) => string
  },
  note: Note,
): void {
  if (head === undefined) return
  const { count, hash, name, at } = records
  // A crash may come between the first record and the first head.
  if (head === null) {
    if (count > 1) note('log.head', HEAD, 'The file is missing.')
  } else if (head.count > count) {
    note('log.cut', at(count + 1), `There are ${count} records where ${HEAD} knows of ${head.count}.`)
  } else if (head.hash !== hash) {
    note('log.head', HEAD, `It does not name record ${head.count} of ${name}.`)
  }
}
