import { httpFault } from './errors.ts'

/** A URL, taken apart so that nothing secret is in what is printed. */
export interface Address {
  /** What is asked for: with its query, without credentials and fragment. */
  readonly url: URL
  /** For messages and lineage: without query either. */
  readonly place: string
  /** The header of the user and password in the URL. */
  readonly authorization?: string
  /** Name of the file, without folder. */
  readonly name: string
}

export function parseAddress(locator: string): Address {
  if (!URL.canParse(locator)) throw httpFault('http.url', 'The address is not a valid URL.')
  const url = new URL(locator)
  const user = decode(url.username)
  const password = decode(url.password)
  url.username = url.password = url.hash = ''
  const name = decode(url.pathname).replace(/^.*[/\\]/s, '')
  return {
    url,
    place: placeOf(url),
    name: name === '' ? url.hostname : name,
    ...(user === '' && password === ''
      ? {}
      : { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` }),
  }
}

/** A URL without query, credentials and fragment. */
export function placeOf(url: URL): string {
  return url.origin + url.pathname
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
