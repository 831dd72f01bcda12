import type { FileMetadata } from '@google-cloud/storage'
import type { ObjectInfo } from '@omni/spec'
import { type Address, nameOf, parseAddress, urlOf } from './address.ts'
import type { Place, Session } from './session.ts'

/** Facts of one object. */
export interface Facts extends Pick<ObjectInfo, 'size' | 'etag' | 'modifiedMs'> {
  readonly key: string
}

/** The object of exactly this key, and those below it, in the byte order of their keys. */
export async function* listBelow(url: string, session: Session): AsyncGenerator<ObjectInfo, void, void> {
  const address = parseAddress(url)
  const { key } = address
  if (key !== '' && !key.endsWith('/')) {
    // Of all keys with this prefix the key itself comes first.
    const [exact] = (await session.run(address, (at) => listPage(at, key, undefined, 1))).found
    if (exact?.key === key) yield infoOf(address, key, exact)
  }
  const prefix = folderPrefix(key)
  let token: string | undefined
  do {
    const page = await session.run(address, (at) => listPage(at, prefix, token))
    for (const facts of page.found) if (!isMarker(facts)) yield infoOf(address, facts.key, facts)
    token = page.next
    session.ctx.signal.throwIfAborted()
  } while (token !== undefined)
}

/** True when there is any object or marker below the key. */
export async function isAnythingBelow(at: Place): Promise<boolean> {
  return (await listPage(at, folderPrefix(at.address.key), undefined, 1)).found.length > 0
}

/** Facts of one object as core wants them. */
export function infoOf(address: Address, key: string, { size, etag, modifiedMs }: Facts): ObjectInfo {
  const name = nameOf({ bucket: address.bucket, key })
  return { url: urlOf(address, key), name, size, etag, modifiedMs, isFolder: false }
}

/** The generation stands for the etag: it is what a version is asked for by. */
export function factsOf({ name = '', size, generation, updated }: FileMetadata): Facts {
  return {
    key: name,
    size: size === undefined ? null : Number(size),
    etag: String(generation ?? ''),
    modifiedMs: updated === undefined ? null : Date.parse(updated),
  }
}

function folderPrefix(key: string): string {
  return key === '' || key.endsWith('/') ? key : `${key}/`
}

async function listPage(
  { bucket }: Place,
  prefix: string,
  pageToken: string | undefined,
  maxResults?: number,
): Promise<{ readonly found: Facts[]; readonly next: string | undefined }> {
  const [files, next] = await bucket.getFiles({
    prefix,
    autoPaginate: false,
    ...(pageToken === undefined ? {} : { pageToken }),
    ...(maxResults === undefined ? {} : { maxResults }),
  })
  const token = (next as { readonly pageToken?: string } | null)?.pageToken
  return { found: files.map(({ metadata }) => factsOf(metadata)), next: token }
}

/** `key/` of no bytes, and what Hadoop's connectors wrote for a folder. */
function isMarker({ key, size }: Facts): boolean {
  return size === 0 && (key.endsWith('/') || key.endsWith('_$folder$'))
}
