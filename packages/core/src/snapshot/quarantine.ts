import type { Rejected, Split } from '@omni/spec'
import { damagedBy } from '../decode/damaged.ts'
import type { DraftLog, FileReceipt, Home } from '../home/home.ts'
import { placeBelow } from '../home/place.ts'
import { createTextMasker } from '../mask/index.ts'
import type { StoredSnapshot } from './catalog.ts'

/** One line of `quarantine.ndjson`: a record that could not be kept, as it came, masked. */
export interface QuarantineRecord {
  readonly stream: string
  readonly split?: string
  readonly locator: string
  readonly code: string
  readonly reason: string
  /** The record as text, or where it is no valid UTF-8 as base64. */
  readonly raw?: string
  readonly rawBase64?: string
}

/** Receipt of the written quarantine. */
export interface QuarantineReceipt extends FileReceipt {
  readonly path: string
  readonly records: number
}

/** Writes the quarantine of one snapshot; the file is made with its first record. */
export interface Quarantine {
  add(stream: string, split: Split | undefined, records: readonly Rejected[]): Promise<void>
  /** Takes back what the stream has added: it is read again. Streams are written one after the other. */
  forget(stream: string): Promise<void>
  /** Lines written for a stream. */
  count(stream: string): number
  /** Makes it durable and read-only; null when there is nothing in it. */
  close(): Promise<QuarantineReceipt | null>
  abort(): Promise<void>
}

/** The name of the quarantine inside a snapshot. */
export const QUARANTINE_FILE = 'quarantine.ndjson'

/** A quarantine; `printable` takes secrets and personal data out of the texts around the record. */
export function createQuarantine(
  createLog: (name: string) => Promise<DraftLog>,
  isMasked: boolean,
  printable: (text: string) => string,
): Quarantine {
  const counts = new Map<string, number>()
  const starts = new Map<string, number>()
  const masker = createTextMasker()
  let log: DraftLog | undefined

  const rawOf = (raw: string | Uint8Array): Pick<QuarantineRecord, 'raw' | 'rawBase64'> => {
    if (typeof raw === 'string') return { raw: isMasked ? masker.text(raw) : raw }
    const masked = isMasked ? masker.bytes(raw) : raw
    const text = decodeUtf8(masked)
    return text === undefined ? { rawBase64: Buffer.from(masked).toString('base64') } : { raw: text }
  }

  return {
    async add(stream, split, records) {
      log ??= await createLog(QUARANTINE_FILE)
      if (!starts.has(stream)) starts.set(stream, log.size)
      const place = {
        stream: printable(stream),
        ...(split === undefined ? {} : { split: printable(split.id) }),
      }
      const lines = records.map((record): string => {
        const line: QuarantineRecord = {
          ...place,
          locator: printable(record.locator),
          code: record.code,
          reason: printable(record.reason),
          ...(record.raw === undefined ? {} : rawOf(record.raw)),
        }
        return `${JSON.stringify(line)}\n`
      })
      await log.append(Buffer.from(lines.join('')))
      counts.set(stream, (counts.get(stream) ?? 0) + lines.length)
    },
    async forget(stream) {
      const start = starts.get(stream)
      if (start === undefined || log === undefined) return
      await log.rewind(start)
      counts.delete(stream)
      starts.delete(stream)
    },
    count: (stream) => counts.get(stream) ?? 0,
    async close() {
      const whole = log
      log = undefined
      const records = [...counts.values()].reduce((sum, count) => sum + count, 0)
      if (whole === undefined) return null
      if (records === 0) {
        await whole.abandon()
        return null
      }
      const { bytes, sha256 } = await whole.finish()
      return { path: QUARANTINE_FILE, bytes, records, sha256 }
    },
    async abort() {
      await log?.abandon()
      log = undefined
    },
  }
}

/** The records of a snapshot's quarantine, in their order. */
export async function* readQuarantine(
  home: Home,
  { manifest, path }: StoredSnapshot,
): AsyncGenerator<QuarantineRecord> {
  if (manifest.quarantine === null) return
  const file = await home.open(placeBelow(path, manifest.quarantine.path))
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let rest = ''
  try {
    for await (const piece of file.stream()) {
      const lines = (rest + decoder.decode(piece, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) yield JSON.parse(line) as QuarantineRecord
    }
  } catch (error) {
    throw damagedBy(error)
  } finally {
    await file.close()
  }
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
