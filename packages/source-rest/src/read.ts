import { hash } from 'node:crypto'
import type { Chunk, Context, ReadRequest } from '@omni/spec'
import { documentOf } from './body.ts'
import type { RestSettings } from './options.ts'
import { createLoopGuard, createPaging, firstPage } from './paging.ts'
import { compilePath, pickRecords } from './records.ts'
import { get, type Reply } from './request.ts'
import { type Json, rowOf } from './types.ts'

/** Rows page by page: one page in memory at a time. */
export async function* readPages(
  settings: RestSettings,
  ctx: Context,
  request: ReadRequest,
): AsyncGenerator<Chunk> {
  const nextPage = createPaging(settings)
  const guard = createLoopGuard()
  const locate = settings.records === undefined ? undefined : compilePath(settings.records)
  // Inside the repetition, since a body that ends in the middle is a broken connection.
  const decode = (reply: Reply) => ({ reply, document: documentOf(reply) })
  let left = request.limit ?? Number.POSITIVE_INFINITY
  let url: URL | undefined = firstPage(settings)
  for (let pages = 1; url !== undefined && left > 0; pages++) {
    const { reply, document }: ReturnType<typeof decode> = await get(
      url,
      settings,
      ctx,
      request.signal,
      decode,
    )
    guard(pageKey(url, reply, settings))
    const page = pickRecords(document, locate)
    if (pages === 1) ctx.log.debug(`Records: ${page.where}.`)
    yield* chunksOf(page.records.slice(0, left), reply.body.byteLength, request)
    left -= page.records.length
    url = nextPage({ url: reply.url, link: reply.headers.get('link'), document, page })
    if (url !== undefined && pages === settings.maxPages) {
      ctx.log.info(`Stopped after ${pages} pages, as \`maxPages\` says; there are more.`)
      return
    }
  }
}

/** What must not come twice: the address, or where we count ourselves, what a server that does not would repeat. */
function pageKey(url: URL, reply: Reply, { paging }: RestSettings): string {
  return paging === 'page' || paging === 'offset' ? hash('sha256', reply.body) : url.href
}

function* chunksOf(records: readonly Json[], bytes: number, { limits }: ReadRequest): Generator<Chunk> {
  const bytesPerRow = Math.max(1, bytes / Math.max(1, records.length))
  const size = Math.max(1, Math.min(limits.chunkRows, Math.floor(limits.chunkBytes / bytesPerRow)))
  for (let start = 0; start < records.length; start += size) {
    const rows = records.slice(start, start + size).map(rowOf)
    yield { rows, bytes: Math.round(rows.length * bytesPerRow) }
  }
}
