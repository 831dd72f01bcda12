import { z } from 'zod'

/** Which version of the file was read: an unchanged file has nothing new. */
export type FilePosition = {
  readonly etag: string
  /** Bytes, as text; null where the storage does not say. */
  readonly size: string | null
  /** Milliseconds since the epoch, or null. */
  readonly modified: number | null
  /** SHA-256 of its bytes, hex, where they all went through here: tells a touched file from a changed one. */
  readonly sha256: string | null
}

export const position: z.ZodType<FilePosition> = z.strictObject({
  etag: z.string(),
  size: z.string().nullable(),
  modified: z.number().nullable(),
  sha256: z.string().nullable(),
})
