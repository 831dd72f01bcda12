import { isExactNumber } from '@omni/arrow'
import { fault } from '@omni/spec'
import { nextLink } from './link.ts'
import type { RestSettings } from './options.ts'
import { compilePath, type Page } from './records.ts'
import { isJsonObject, type Json } from './types.ts'

/** What one answer says, as far as paging goes. */
export interface Answer {
  /** The address that answered, after redirects. */
  readonly url: URL
  readonly link: string | null
  readonly document: Json
  readonly page: Page
}

/** The address of the next page, or undefined after the last. Asked once a page, in order. */
export type NextPage = (answer: Answer) => URL | undefined

/** Names under which answers carry the address of the next page, tried in this order by `auto`. */
const wellKnown: readonly (readonly string[])[] = [
  // https://jsonapi.org/format/#fetching-pagination
  ['links', 'next'],
  // https://datatracker.ietf.org/doc/html/draft-kelly-json-hal
  ['_links', 'next', 'href'],
  // https://docs.oasis-open.org/odata/odata-json-format/v4.01/ section 4.5.5
  ['@odata.nextLink'],
  // https://www.django-rest-framework.org/api-guide/pagination/
  ['next'],
  // https://laravel.com/docs/pagination
  ['next_page_url'],
  ['paging', 'next', 'link'],
  ['paging', 'next'],
]

/** The address of the first page. */
export function firstPage(settings: RestSettings): URL {
  const url = new URL(settings.url)
  url.username = ''
  url.password = ''
  url.hash = ''
  for (const [name, value] of Object.entries(settings.params)) {
    url.searchParams.delete(name)
    for (const one of [value].flat()) url.searchParams.append(name, String(one))
  }
  const { page, pageRows } = settings
  if (pageRows !== undefined) url.searchParams.set(page.sizeParam, String(pageRows))
  if (settings.paging === 'page') url.searchParams.set(page.param ?? 'page', String(page.start ?? 1))
  if (settings.paging === 'offset') url.searchParams.set(page.param ?? 'offset', String(page.start ?? 0))
  return url
}

/** How the configured API pages. State lives in what is returned, for one read. */
export function createPaging(settings: RestSettings): NextPage {
  const { paging, pageRows, page } = settings
  const isLast = (rows: number): boolean => rows === 0 || (pageRows !== undefined && rows < pageRows)
  switch (paging) {
    case 'none':
      return () => undefined
    case 'link':
      return (answer) => follow(nextLink(answer.link), answer.url)
    case 'auto':
      return (answer) => follow(nextLink(answer.link) ?? linkInBody(answer), answer.url)
    case 'cursor':
      return cursorPaging(settings)
    case 'page':
    case 'offset': {
      let at = page.start ?? (paging === 'page' ? 1 : 0)
      return ({ page: { records } }) => {
        if (isLast(records.length)) return undefined
        at += paging === 'page' ? 1 : records.length
        const url = firstPage(settings)
        url.searchParams.set(page.param ?? paging, String(at))
        return url
      }
    }
  }
}

function cursorPaging(settings: RestSettings): NextPage {
  const { path, param } = settings.cursor ?? { path: '$.next' }
  const locate = compilePath(path)
  return ({ document, url }) => {
    const [value] = locate(document)
    if (value === undefined || value === null || value === '' || value === false) return undefined
    if (typeof value === 'object' && !isExactNumber(value)) {
      throw fault({
        kind: 'data',
        code: 'rest.paging.cursor',
        why: 'The path given as `cursor.path` finds an object or a list, no cursor.',
        fix: 'Correct `cursor.path`.',
      })
    }
    if (param === undefined) return follow(String(value), url)
    const next = firstPage(settings)
    next.searchParams.set(param, String(value))
    return next
  }
}

function linkInBody({ document, page }: Answer): string | undefined {
  // In an answer that is one record, `next` is a column of it.
  if (!page.isList || !isJsonObject(document)) return undefined
  for (const path of wellKnown) {
    let value: Json | undefined = document
    for (const name of path) value = isJsonObject(value) ? value[name] : undefined
    // A bare token is no address: it needs `cursor`.
    if (typeof value === 'string' && /^(https?:\/\/|\/|\?)/.test(value)) return value
  }
  return undefined
}

function follow(target: string | undefined, base: URL): URL | undefined {
  if (target === undefined || target === '') return undefined
  const url = URL.canParse(target, base.href) ? new URL(target, base) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw fault({
      kind: 'data',
      code: 'rest.paging.link',
      why: 'The link to the next page is no http address.',
      fix: 'Set `paging` to none, or name the cursor with `cursor`.',
    })
  }
  url.hash = ''
  return url
}

/**
 * Throws when pages repeat, with flat memory: Brent's algorithm compares each page with one that is remembered,
 * which moves on at powers of two. https://maths-people.anu.edu.au/~brent/pd/rpb051i.pdf
 */
export function createLoopGuard(): (key: string) => void {
  let remembered: string | undefined
  let steps = 0
  let power = 1
  return (key) => {
    if (key === remembered) {
      throw fault({
        kind: 'data',
        code: 'rest.paging.loop',
        why: 'The pages repeat: a link or cursor leads back to a page that was read.',
        fix: 'Correct `paging` or `cursor`, or tell the maker of the API.',
      })
    }
    if (++steps < power) return
    remembered = key
    power *= 2
    steps = 0
  }
}
