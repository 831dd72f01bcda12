import { httpFault } from './errors.ts'
import type { Answer } from './request.ts'

/** What the headers of an answer say of the object. */
export interface ObjectFacts {
  /** ETag or, without one, the time of the last modification; undefined where the server says neither. */
  readonly version: string | undefined
  /** What `If-Range` may hold (RFC 9110, 13.1.5): a strong ETag or the time; undefined without one. */
  readonly validator: string | undefined
  /** Bytes of the whole object. */
  readonly size: number | undefined
  readonly modifiedMs: number | null
  /** Where the body begins in the object. */
  readonly start: number
  /** Where the body ends, exclusive; undefined where the server does not say. */
  readonly end: number | undefined
  /** The name that the server gives the file. */
  readonly fileName: string | undefined
}

/** Reads the facts; an answer that is packed in a way nobody can look into, or in several parts, is a fault. */
export function readFacts({ status, headers }: Answer, place: string): ObjectFacts {
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity'
  // What gzip and zstd pack is known by its first bytes, so it is unpacked as a packed file is.
  if (!['', 'identity', 'gzip', 'x-gzip', 'zstd'].includes(encoding)) {
    throw httpFault(
      'http.encoding',
      `${place} sends the file with the content encoding ${JSON.stringify(encoding)}.`,
    )
  }
  const etag = headers.etag
  const modified = headers['last-modified']
  const modifiedMs = modified === undefined ? Number.NaN : Date.parse(modified)
  const strong = etag === undefined || etag.startsWith('W/') ? undefined : etag
  const facts = {
    version: etag ?? modified,
    validator: strong ?? (etag === undefined ? modified : undefined),
    modifiedMs: Number.isNaN(modifiedMs) ? null : modifiedMs,
    fileName: readFileName(headers['content-disposition']),
  }
  const length = readLength(headers['content-length'])
  if (status !== 206) return { ...facts, size: length, start: 0, end: length }
  const range = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(headers['content-range'] ?? '')
  if (!range)
    throw httpFault('http.range', `${place} answers with a part of the file, and does not say which.`)
  const [, first, last, total] = range
  const start = Number(first)
  const end = Number(last) + 1
  const size = total === '*' ? undefined : Number(total)
  const isSound =
    end > start && (size === undefined || end <= size) && (length === undefined || length === end - start)
  if (!isSound)
    throw httpFault('http.range', `${place} contradicts itself about the part of the file it sends.`)
  return { ...facts, size, start, end }
}

/** The size of the object in the answer to a range behind its end: `bytes * /1234`. */
export function sizeOfUnsatisfied({ headers }: Answer): number | undefined {
  return readLength(/^bytes \*\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1])
}

function readLength(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

/** The file name of a Content-Disposition (RFC 6266), without a folder. */
function readFileName(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  const coded = /;\s*filename\*\s*=\s*UTF-8'[^']*'([^;\s]+)/i.exec(header)?.[1]
  const plain = /;\s*filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(header)
  let name = plain?.[1]?.replace(/\\(.)/g, '$1') ?? plain?.[2]
  try {
    if (coded !== undefined) name = decodeURIComponent(coded)
  } catch {
    // The plain one is left.
  }
  return name?.replace(/^.*[/\\]/s, '') || undefined
}
