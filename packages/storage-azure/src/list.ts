import type { BlobItem } from '@azure/storage-blob'
import type { ObjectInfo } from '@omni/spec'
import { type Address, nameOf, parseAddress, urlOf } from './address.ts'
import type { Place, Session } from './session.ts'

/** The blob of exactly this name, and those below it, each page in the byte order of its names. */
export async function* listBelow(url: string, session: Session): AsyncGenerator<ObjectInfo, void, void> {
  const address = parseAddress(url)
  const { key } = address
  const { signal } = session.ctx
  if (key !== '' && !key.endsWith('/')) {
    const [exact] = (await session.run(address, (at) => listPage(at, key, undefined, signal, 1))).found
    if (exact?.name === key && !isMarker(exact)) yield infoOf(address, key, factsOf(exact))
  }
  const prefix = folderPrefix(key)
  let token: string | undefined
  do {
    const page = await session.run(address, (at) => listPage(at, prefix, token, signal))
    for (const item of page.found) if (!isMarker(item)) yield infoOf(address, item.name, factsOf(item))
    token = page.next
  } while (token !== undefined)
}

/** True when there is any blob or marker below the name; rejects where there is no container. */
export async function isAnythingBelow(at: Place, signal: AbortSignal): Promise<boolean> {
  return (await listPage(at, folderPrefix(at.address.key), undefined, signal, 1)).found.length > 0
}

/** Facts of one blob as core wants them. */
export function infoOf(
  address: Address,
  key: string,
  { size, etag, modifiedMs }: Pick<ObjectInfo, 'size' | 'etag' | 'modifiedMs'>,
): ObjectInfo {
  const name = nameOf({ container: address.container, key })
  return { url: urlOf(address, key), name, size, etag, modifiedMs, isFolder: false }
}

/** A list gives etags bare, every other answer in quotes. */
export function etagOf(etag: string | undefined): string {
  return (etag ?? '').replace(/^"|"$/g, '')
}

/** https://learn.microsoft.com/azure/storage/blobs/data-lake-storage-known-issues */
export function isFolderMetadata(metadata: Readonly<Record<string, string>> | undefined): boolean {
  return (metadata?.['hdi_isfolder'] ?? metadata?.['Hdi_isfolder']) === 'true'
}

function factsOf({ properties }: BlobItem): Pick<ObjectInfo, 'size' | 'etag' | 'modifiedMs'> {
  return {
    size: properties.contentLength ?? null,
    etag: etagOf(properties.etag),
    modifiedMs: properties.lastModified?.getTime() ?? null,
  }
}

function folderPrefix(key: string): string {
  return key === '' || key.endsWith('/') ? key : `${key}/`
}

async function listPage(
  { container }: Place,
  prefix: string,
  continuationToken: string | undefined,
  abortSignal: AbortSignal,
  maxPageSize?: number,
): Promise<{ readonly found: readonly BlobItem[]; readonly next: string | undefined }> {
  const pages = container.listBlobsFlat({ prefix, includeMetadata: true, abortSignal }).byPage({
    ...(continuationToken === undefined ? {} : { continuationToken }),
    ...(maxPageSize === undefined ? {} : { maxPageSize }),
  })
  const { value } = await pages.next()
  const answer = value as
    | { readonly segment: { readonly blobItems?: readonly BlobItem[] }; readonly continuationToken?: string }
    | undefined
  const found = [...(answer?.segment.blobItems ?? [])].sort((a, b) => compareBytes(a.name, b.name))
  return { found, next: answer?.continuationToken || undefined }
}

/** The store's own order differs from that of the bytes for characters outside the basic plane, and for folders. */
function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

/** `name/` of no bytes, a folder of a hierarchical namespace, and what Hadoop's old driver wrote for one. */
function isMarker({ name, properties, metadata }: BlobItem): boolean {
  if (isFolderMetadata(metadata)) return true
  return properties.contentLength === 0 && (name.endsWith('/') || name.endsWith('_$folder$'))
}
