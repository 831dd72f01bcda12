import type { StoredObject } from '@omni/spec'
import { type Footer, rewriteFooter } from './footer.ts'
import { checkPages } from './pages.ts'
import type { Selection } from './selection.ts'

/** The file as the decoder sees it: its own bytes up to the metadata, then the rewritten metadata. */
export interface View {
  readonly size: number
  read(start: number, end: number): Promise<Uint8Array>
}

interface Span {
  readonly start: number
  readonly end: number
  readonly column: number
}

/**
 * Reads of a file, with the pages of every column in them checked. The first rows are decoded twice, to see how long
 * rows are, so what was read last is kept, up to `keptBytes`.
 */
export function createView(
  object: StoredObject,
  footer: Footer,
  selection: Selection,
  keptBytes: number,
  signal: AbortSignal,
): View {
  const tail = rewriteFooter(footer)
  const spans: Span[] = selection.groups
    .flatMap(({ chunks }) =>
      chunks.map(({ start, bytes }, column) => ({ start, end: start + bytes, column })),
    )
    .sort((a, b) => a.start - b.start)
  const kept = new Map<string, Uint8Array>()
  let keptSize = 0

  const readData = async (start: number, end: number): Promise<Uint8Array> => {
    const key = `${start}-${end}`
    const known = kept.get(key)
    if (known) return known
    const bytes = await object.read({ start, end, signal })
    for (const span of spansIn(spans, start, start + bytes.length)) {
      checkPages(bytes.subarray(span.start - start, span.end - start), span.column)
    }
    if (bytes.length <= keptBytes) {
      kept.set(key, bytes)
      keptSize += bytes.length
      for (const [oldest, { length }] of kept) {
        if (keptSize <= keptBytes) break
        kept.delete(oldest)
        keptSize -= length
      }
    }
    return bytes
  }

  return {
    size: footer.start + tail.length,
    async read(start, end) {
      const parts: Uint8Array[] = []
      if (start < footer.start) parts.push(await readData(start, Math.min(end, footer.start)))
      if (end > footer.start) parts.push(tail.subarray(Math.max(0, start - footer.start), end - footer.start))
      return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts)
    },
  }
}

/** Columns that lie whole in a range; `spans` are in order. */
function spansIn(spans: readonly Span[], start: number, end: number): Span[] {
  let low = 0
  let high = spans.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((spans[middle] as Span).start < start) low = middle + 1
    else high = middle
  }
  const found: Span[] = []
  for (let i = low; i < spans.length; i++) {
    const span = spans[i] as Span
    if (span.start >= end) break
    if (span.end <= end) found.push(span)
  }
  return found
}
