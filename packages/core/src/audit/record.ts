import { canonicalJson } from '../manifest/canonical-json.ts'
import { sha256 } from '../snapshot/disk.ts'

/** What happened, as one record of `logs/ingest.jsonl`, before it is chained. */
export interface AuditEvent {
  readonly event: 'snapshot' | 'unchanged'
  /** When the snapshot was published, or found unchanged; UTC ISO 8601 with milliseconds. */
  readonly time: string
  readonly label: string
  readonly dataset: string
  /** Name of the snapshot's folder. */
  readonly snapshot: string
  /** Content digest, hex. */
  readonly digest: string
  /** SHA-256 of `manifest.json`, hex. */
  readonly manifest: string
  readonly counts: {
    readonly read: number
    readonly kept: number
    readonly quarantined: number
    readonly filtered: number
  }
  readonly run: string
  /** The run that published the snapshot ended before it could write this. */
  readonly recovered?: true
  /** What was wrong with the end of the log after a crash, and was put right. */
  readonly repaired?: string
}

/** A chained record: `hash` is the SHA-256 of the canonical JSON of all the rest. */
export interface AuditRecord extends AuditEvent {
  /** From 1. */
  readonly seq: number
  /** Hash of the record before; 64 zeros for the first. */
  readonly prev: string
  readonly hash: string
}

/** `prev` of the first record. */
export const GENESIS: string = '0'.repeat(64)

/** Chains an event to the record before it. */
export function chain(event: AuditEvent, prev: { readonly seq: number; readonly hash: string }): AuditRecord {
  const body = { ...event, seq: prev.seq + 1, prev: prev.hash }
  return { ...body, hash: hashOf(body) }
}

/** The hash that a record must have. */
export function hashOf(record: object): string {
  const { hash: _, ...body } = record as AuditRecord
  return sha256(canonicalJson(body))
}

/** The record as its line of `ingest.jsonl`, with the line feed. */
export function recordLine(record: AuditRecord): string {
  return `${canonicalJson(record)}\n`
}

/**
 * The record as its line of `ingest.log`, with the line feed:
 * `2025-05-30T23:14:09 | INFO | flat:events.parquet  | rows= 104 876 | sha256=<hex> | chain=<hex>`.
 */
export function readableLine(record: AuditRecord): string {
  const what =
    record.event === 'unchanged' ? 'unchanged' : `rows=${groupDigits(record.counts.kept).padStart(8)}`
  const label = record.label.replace(/[\s|\p{C}]+/gu, ' ').padEnd(20)
  return `${record.time.slice(0, 19)} | INFO | ${label} | ${what} | sha256=${record.digest} | chain=${record.hash}\n`
}

/** A record from its line, or undefined when it is not one. */
export function parseRecord(line: string): AuditRecord | undefined {
  try {
    return asRecord(JSON.parse(line))
  } catch {
    return undefined
  }
}

/** A parsed value as a record, or undefined when it is not one. */
export function asRecord(given: unknown): AuditRecord | undefined {
  try {
    const value = given as AuditRecord
    const { counts } = value
    const texts = [
      value.time,
      value.label,
      value.dataset,
      value.snapshot,
      value.digest,
      value.manifest,
      value.prev,
      value.hash,
    ]
    const numbers = [value.seq, counts.read, counts.kept, counts.quarantined, counts.filtered]
    if (!texts.every((text) => typeof text === 'string') || !numbers.every(Number.isSafeInteger))
      return undefined
    return value.event === 'snapshot' || value.event === 'unchanged' ? value : undefined
  } catch {
    return undefined
  }
}

function groupDigits(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ' ')
}
