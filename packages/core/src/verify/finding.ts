/** One thing that is not as it was written. */
export interface Finding {
  /** Dotted and stable: `file.sha256`, `log.chain`. */
  readonly code: string
  /** File, from the root, with its line where there is one: `logs/ingest.jsonl:12`. */
  readonly where: string
  /** One sentence. */
  readonly what: string
}

/** Collects findings. */
export type Note = (code: string, where: string, what: string) => void
