import type { FileMetadata } from '@google-cloud/storage'
import type { ObjectInfo } from '@omni/spec'
import { type KeyPage, type Listed, listKeys } from '@omni/spec/storage-kit'
import { parseAddress } from './address.ts'
import type { Place, Session } from './session.ts'

/** The object of exactly this key, and those below it, in the byte order of their keys. */
export function listBelow(url: string, session: Session): AsyncGenerator<ObjectInfo, void, void> {
  const address = parseAddress(url)
  return listKeys(address, (...page) => session.run(address, (at) => pageOf(at, ...page)), session.ctx.signal)
}

/** The generation stands for the etag: it is what a version is asked for by. */
export function factsOf({ name = '', size, generation, updated }: FileMetadata): Listed {
  return {
    key: name,
    size: size === undefined ? null : Number(size),
    etag: String(generation ?? ''),
    modifiedMs: updated === undefined ? null : Date.parse(updated),
  }
}

/** One page of a list; rejects where there is no bucket. */
export async function pageOf(
  { bucket }: Place,
  prefix: string,
  pageToken: string | undefined,
  maxResults?: number,
): Promise<KeyPage> {
  const [files, next] = await bucket.getFiles({
    prefix,
    autoPaginate: false,
    ...(pageToken === undefined ? {} : { pageToken }),
    ...(maxResults === undefined ? {} : { maxResults }),
  })
  const token = (next as { readonly pageToken?: string } | null)?.pageToken
  return { found: files.map(({ metadata }) => factsOf(metadata)), next: token }
}
