import { parseHead } from '../audit/head.ts'
import { GENESIS } from '../audit/record.ts'
import {
  type FoundRecord,
  lineOf,
  RECORD_FOLDER,
  recordName,
  recordText,
  seqOf,
} from '../audit/store-ledger.ts'
import { checkHead, checkRecord, HEAD, type LoggedSnapshot, noteSnapshot } from './check-record.ts'
import type { Note } from './finding.ts'

/** Follows the chain of the record objects of an object store to its end. */
export async function checkRecords(
  log: {
    /** Of everything in their folder. */
    readonly names: readonly string[]
    readonly head: string | undefined
    /** By their numbers, in order. */
    readonly records: AsyncIterable<{ readonly seq: number; readonly found: FoundRecord | undefined }>
  },
  note: Note,
): Promise<Map<string, LoggedSnapshot>> {
  const logged = new Map<string, LoggedSnapshot>()
  for (const name of log.names) {
    if (seqOf(name) === undefined) note('log.extra', `${RECORD_FOLDER}/${name}`, 'This is no record.')
  }
  const head = log.head === undefined ? null : parseHead(log.head)
  if (head === undefined) note('log.head', HEAD, 'The file was changed after it was written.')
  let prev = GENESIS
  let count = 0
  let headHash: string | undefined
  for await (const { seq, found } of log.records) {
    const where = recordName(seq)
    for (count++; count < seq; count++) {
      note('log.order', recordName(count), 'The record is missing: it was removed.')
    }
    const record = found?.record
    if (found === undefined || record === undefined) {
      note('log.record', where, 'This is not a record.')
      prev = ''
      continue
    }
    const line = typeof found.line === 'string' ? found.line : ''
    const isExact = recordText(record, line) === found.text
    checkRecord(record, { where, prev, seq, isExact }, note)
    if (line !== lineOf(record)) note('log.line', where, 'The line does not say what its record says.')
    prev = record.hash
    if (seq === head?.count) headHash = record.hash
    noteSnapshot(logged, record, where, note)
  }
  checkHead(head, { count, hash: headHash, name: RECORD_FOLDER, at: recordName }, note)
  return logged
}
