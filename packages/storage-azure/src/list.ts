import type { BlobItem } from '@azure/storage-blob'
import type { ObjectInfo } from '@omni/spec'
import { type KeyPage, type Listed, listKeys } from '@omni/spec/storage-kit'
import { parseAddress } from './address.ts'
import type { Place, Session } from './session.ts'

/** The blob of exactly this name, and those below it, each page in the byte order of its names. */
export function listBelow(url: string, session: Session): AsyncGenerator<ObjectInfo, void, void> {
  const address = parseAddress(url)
  const { signal } = session.ctx
  return listKeys(address, (...page) => session.run(address, (at) => pageOf(at, signal, ...page)), signal)
}

/** A list gives etags bare, every other answer in quotes. */
export function etagOf(etag: string | undefined): string {
  return (etag ?? '').replace(/^"|"$/g, '')
}

/**
 * True for a folder of a hierarchical namespace.
 * https://learn.microsoft.com/azure/storage/blobs/data-lake-storage-known-issues
 */
export function isFolderMetadata(metadata: Readonly<Record<string, string>> | undefined): boolean {
  return (metadata?.['hdi_isfolder'] ?? metadata?.['Hdi_isfolder']) === 'true'
}

/** One page of a list; rejects where there is no container. */
export async function pageOf(
  { container }: Place,
  abortSignal: AbortSignal,
  prefix: string,
  continuationToken: string | undefined,
  maxPageSize?: number,
): Promise<KeyPage> {
  const pages = container.listBlobsFlat({ prefix, includeMetadata: true, abortSignal }).byPage({
    ...(continuationToken === undefined ? {} : { continuationToken }),
    ...(maxPageSize === undefined ? {} : { maxPageSize }),
  })
  const { value } = await pages.next()
  const answer = value as
    | { readonly segment: { readonly blobItems?: readonly BlobItem[] }; readonly continuationToken?: string }
    | undefined
  const found = (answer?.segment.blobItems ?? []).map(factsOf).sort((a, b) => compareBytes(a.key, b.key))
  return { found, next: answer?.continuationToken || undefined }
}

function factsOf({ name, properties, metadata }: BlobItem): Listed {
  return {
    key: name,
    size: properties.contentLength ?? null,
    etag: etagOf(properties.etag),
    modifiedMs: properties.lastModified?.getTime() ?? null,
    isFolder: isFolderMetadata(metadata),
  }
}

/** The store's own order differs from that of the bytes for characters outside the basic plane, and for folders. */
function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
