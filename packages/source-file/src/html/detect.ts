import type { Head } from '../format.ts'

const START =
  /^\s*(?:<!--[\s\S]{0,2000}?-->\s*)?(?:<\?xml[^>]*>\s*)?(?:<!doctype\s+html\b|<(?:html|head|body|table)\b)/i

/** How surely a head is a page: by what it begins with. */
export function detectHtml({ bytes }: Head): number {
  const text = Buffer.from(bytes.subarray(0, 4096))
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '')
  return START.test(text) ? 0.98 : 0
}
