import { type FileHandle, open } from 'node:fs/promises'
import path from 'node:path'
import type { Rejected, Split } from '@omni/spec'
import { maskBytes, maskText } from '../mask/index.ts'
import { sha256File, unlinkIfThere } from './disk.ts'

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
export interface QuarantineReceipt {
  readonly path: string
  readonly bytes: number
  readonly records: number
  readonly sha256: string
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

/** A quarantine in `folder`; `printable` takes secrets and personal data out of the texts around the record. */
export function createQuarantine(
  folder: string,
  isMasked: boolean,
  printable: (text: string) => string,
): Quarantine {
  const file = path.join(folder, QUARANTINE_FILE)
  const counts = new Map<string, number>()
  const starts = new Map<string, number>()
  let handle: FileHandle | undefined
  let bytes = 0

  const rawOf = (raw: string | Uint8Array): Pick<QuarantineRecord, 'raw' | 'rawBase64'> => {
    if (typeof raw === 'string') return { raw: isMasked ? maskText(raw) : raw }
    const masked = isMasked ? maskBytes(raw) : raw
    const text = decodeUtf8(masked)
    return text === undefined ? { rawBase64: Buffer.from(masked).toString('base64') } : { raw: text }
  }

  return {
    async add(stream, split, records) {
      if (!starts.has(stream)) starts.set(stream, bytes)
      handle ??= await open(file, 'wx', 0o644)
      const lines = records.map((record): string => {
        const line: QuarantineRecord = {
          stream: printable(stream),
          ...(split === undefined ? {} : { split: printable(split.id) }),
          locator: printable(record.locator),
          code: record.code,
          reason: printable(record.reason),
          ...(record.raw === undefined ? {} : rawOf(record.raw)),
        }
        return `${JSON.stringify(line)}\n`
      })
      const data = Buffer.from(lines.join(''))
      await handle.writeFile(data)
      bytes += data.length
      counts.set(stream, (counts.get(stream) ?? 0) + lines.length)
    },
    async forget(stream) {
      const start = starts.get(stream)
      if (start === undefined || handle === undefined) return
      await handle.close()
      handle = await open(file, 'r+')
      await handle.truncate(start)
      await handle.close()
      handle = await open(file, 'a')
      bytes = start
      counts.delete(stream)
      starts.delete(stream)
    },
    count: (stream) => counts.get(stream) ?? 0,
    async close() {
      if (handle === undefined) return null
      const records = [...counts.values()].reduce((sum, count) => sum + count, 0)
      if (records > 0) await handle.chmod(0o444)
      await handle.sync()
      await handle.close()
      handle = undefined
      if (records === 0) {
        await unlinkIfThere(file)
        return null
      }
      return { path: QUARANTINE_FILE, bytes, records, sha256: await sha256File(file) }
    },
    async abort() {
      await handle?.close()
      handle = undefined
    },
  }
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
