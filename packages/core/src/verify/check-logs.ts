import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { parseHead } from '../audit/head.ts'
import type { LedgerFiles } from '../audit/ledger.ts'
import { GENESIS, parseRecord, readableLine, recordLine } from '../audit/record.ts'
import { isMissing } from '../snapshot/disk.ts'
import { checkHead, checkRecord, HEAD, type LoggedSnapshot, noteSnapshot } from './check-record.ts'
import type { Note } from './finding.ts'

const RECORDS = 'logs/ingest.jsonl'
const READABLE = 'logs/ingest.log'

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
    checkRecord(record, { where, prev, seq: line, isExact: recordLine(record) === `${text}\n` }, note)
    prev = record.hash
    if (line === head?.count) headHash = record.hash
    if (shown.done) note('log.short', `${READABLE}:${line}`, 'The line of this record is missing.')
    else if (`${shown.value.text}\n` !== readableLine(record) || !shown.value.isWhole) {
      note('log.line', `${READABLE}:${line}`, 'The line does not say what its record says.')
    }
    noteSnapshot(logged, record, where, note)
  }
  const extra = await readable.next()
  if (!extra.done) note('log.extra', `${READABLE}:${line + 1}`, 'The line has no record.')
  await readable.return(undefined)
  const at = (count: number): string => `${RECORDS}:${count}`
  checkHead(head, { count: line, hash: headHash, name: RECORDS, at }, note)
  return logged
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
