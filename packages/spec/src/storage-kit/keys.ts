/**
 * The key of an object as it stands in the store's URL: as it is, but for `?` and `#`, which would end a URL's path,
 * and for a `%` that would be taken for one of these codes.
 */
export function writeKey(key: string): string {
  return key
    .replace(/%(?=3F|23|25)/gi, '%25')
    .replaceAll('?', '%3F')
    .replaceAll('#', '%23')
}

/** The key that {@link writeKey} wrote. */
export function readKey(text: string): string {
  return text.replace(/%(3F|23|25)/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
}
