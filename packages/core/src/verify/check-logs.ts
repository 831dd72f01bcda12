import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { parseHead } from '../audit/head.ts'
import type { LedgerFiles } from '../audit/ledger.ts'
import { type AuditRecord, GENESIS, hashOf, parseRecord, readableLine, recordLine } from '../audit/record.ts'
import { isMissing } from '../snapshot/disk.ts'
import type { Note } from './finding.ts'

/** What the log says of a snapshot. */
export interface LoggedSnapshot {
  readonly dataset: string
  readonly snapshot: string
  readonly digest: string
  /** SHA-256 of the manifest, hex. */
  readonly manifest: string
  /** Line in both logs, from 1. */
  readonly line: number
}

const RECORDS = 'logs/ingest.jsonl'
const READABLE = 'logs/ingest.log'
const HEAD = 'logs/.head'

/** Follows the chain of both logs to their end; returns what they say of each snapshot, by `dataset/snapshot`. */
export async function checkLogs(files: LedgerFiles, note: Note): Promise<Map<string, LoggedSnapshot>> {
  const logged = new Map<string, LoggedSnapshot>()
  const head = await readHeadText(files.head, note)
  const readable = readLines(files.readable)
  let prev = GENESIS
  let line = 0
  let headHash: string | undefined
  for await (const { text, isWhole } of readLines(files.records)) {
    line++
    const where = `${RECORDS}:${line}`
    const shown = await readable.next()
    if (!isWhole) note('log.torn', where, 'The last record has no end.')
    const record = parseRecord(text)
    if (record === undefined) {
      note('log.record', where, 'This is not a record.')
      prev = ''
      continue
    }
    checkRecord(record, text, { prev, line }, note)
    prev = record.hash
    if (line === head?.count) headHash = record.hash
    if (shown.done) note('log.short', `${READABLE}:${line}`, 'The line of this record is missing.')
    else if (`${shown.value.text}\n` !== readableLine(record) || !shown.value.isWhole) {
      note('log.line', `${READABLE}:${line}`, 'The line does not say what its record says.')
    }
    if (record.event !== 'snapshot') continue
    const key = `${record.dataset}/${record.snapshot}`
    if (logged.has(key))
      note('log.twice', where, `Snapshot ${key} was logged before, in line ${logged.get(key)?.line}.`)
    else logged.set(key, { ...record, line })
  }
  const extra = await readable.next()
  if (!extra.done) note('log.extra', `${READABLE}:${line + 1}`, 'The line has no record.')
  await readable.return(undefined)
  checkHead(head, line, headHash, note)
  return logged
}

function checkRecord(
  record: AuditRecord,
  text: string,
  at: { readonly prev: string; readonly line: number },
  note: Note,
): void {
  const where = `${RECORDS}:${at.line}`
  if (record.seq !== at.line)
    note('log.order', where, `This is record ${record.seq}: one was removed, added or moved.`)
  if (at.prev !== '' && record.prev !== at.prev)
    note('log.chain', where, 'It does not follow from the record before it.')
  if (hashOf(record) !== record.hash || recordLine(record) !== `${text}\n`) {
    note('log.hash', where, 'The record was changed after it was written.')
  }
}

function checkHead(
  head: { readonly count: number; readonly hash: string } | undefined | null,
  lines: number,
  headHash: string | undefined,
  note: Note,
): void {
  if (head === undefined) return
  // A crash may come between the first record and the first head.
  if (head === null) {
    if (lines > 1) note('log.head', HEAD, 'The file is missing.')
  } else if (head.count > lines) {
    note(
      'log.cut',
      `${RECORDS}:${lines + 1}`,
      `There are ${lines} records where ${HEAD} knows of ${head.count}.`,
    )
  } else if (head.hash !== headHash) {
    note('log.head', HEAD, `It does not name record ${head.count} of ${RECORDS}.`)
  }
}

/** Null: there is none. Undefined: it is broken, which has been noted. */
async function readHeadText(file: string, note: Note) {
  try {
    const head = parseHead(await readFile(file, 'utf8'))
    if (head === undefined) note('log.head', HEAD, 'The file was changed after it was written.')
    return head
  } catch (error) {
    if (isMissing(error)) return null
    note('log.head', HEAD, 'The file cannot be read.')
    return undefined
  }
}

/** Lines of a file; none where it is missing. The text keeps what is no valid UTF-8 apart, as latin1 would. */
async function* readLines(
  file: string,
): AsyncGenerator<{ readonly text: string; readonly isWhole: boolean }> {
  let rest = Buffer.alloc(0)
  try {
    for await (const piece of createReadStream(file)) {
      let bytes = Buffer.concat([rest, piece as Uint8Array])
      for (let lf = bytes.indexOf(10); lf >= 0; lf = bytes.indexOf(10)) {
        yield { text: exactText(bytes.subarray(0, lf)), isWhole: true }
        bytes = bytes.subarray(lf + 1)
      }
      rest = bytes
    }
  } catch (error) {
    if (isMissing(error)) return
    throw error
  }
  if (rest.length > 0) yield { text: exactText(rest), isWhole: false }
}

/** Invalid UTF-8 must not pass as the replacement character that a label may really hold. */
function exactText(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  return Buffer.from(text).equals(bytes) ? text : `${text}\0`
}
