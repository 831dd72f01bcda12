import type { ListObjectsV2CommandOutput } from '@aws-sdk/client-s3'
import type { ObjectInfo } from '@omni/spec'
import { type Address, nameOf, parseAddress, urlOf } from './address.ts'
import type { Connection } from './client.ts'
import type { Place, Session } from './session.ts'

/** The object of exactly this key, and those below it, in the byte order of their keys. */
export async function* listBelow(url: string, session: Session): AsyncGenerator<ObjectInfo, void, void> {
  const address = parseAddress(url)
  const { key } = address
  const page = (prefix: string, token: string | undefined, max?: number): Promise<Page> =>
    session.run(address, async (at, on) => {
      const answer = await listPage(at, on, prefix, token, max, { abortSignal: session.ctx.signal })
      return { keys: keysOf(answer), next: answer.NextContinuationToken }
    })
  if (key !== '' && !key.endsWith('/')) {
    // Of all keys with this prefix the key itself comes first.
    const [exact] = (await page(key, undefined, 1)).keys
    if (exact?.key === key) yield infoOf(address, key, exact)
  }
  const prefix = folderPrefix(key)
  let token: string | undefined
  do {
    const answer = await page(prefix, token)
    for (const found of answer.keys) if (!isMarker(found)) yield infoOf(address, found.key, found)
    token = answer.next
  } while (token !== undefined)
}

/** True when there is any object or marker below the key; rejects where there is no bucket. */
export async function isAnythingBelow(
  at: Place,
  on: Connection,
  signal: { readonly abortSignal: AbortSignal },
): Promise<boolean> {
  const answer = await listPage(at, on, folderPrefix(at.address.key), undefined, 1, signal)
  return keysOf(answer).length > 0
}

/** Facts of one object as core wants them. */
export function infoOf(
  address: Address,
  key: string,
  { size, etag, modifiedMs }: Pick<ObjectInfo, 'size' | 'etag' | 'modifiedMs'>,
): ObjectInfo {
  const name = nameOf({ bucket: address.bucket, key })
  return { url: urlOf(address, key), name, size, etag, modifiedMs, isFolder: false }
}

interface Page {
  readonly keys: readonly Found[]
  readonly next: string | undefined
}

interface Found {
  readonly key: string
  readonly size: number | null
  readonly etag: string
  readonly modifiedMs: number | null
}

function folderPrefix(key: string): string {
  return key === '' || key.endsWith('/') ? key : `${key}/`
}

function listPage(
  { base }: Place,
  { sdk, client }: Connection,
  prefix: string,
  token: string | undefined,
  max: number | undefined,
  signal: { readonly abortSignal: AbortSignal },
): Promise<ListObjectsV2CommandOutput> {
  const input = {
    ...base,
    Prefix: prefix,
    // XML 1.0 cannot hold every character that a key may hold.
    EncodingType: 'url' as const,
    ...(token === undefined ? {} : { ContinuationToken: token }),
    ...(max === undefined ? {} : { MaxKeys: max }),
  }
  return client.send(new sdk.ListObjectsV2Command(input), signal)
}

function keysOf({ Contents = [], EncodingType }: ListObjectsV2CommandOutput): Found[] {
  return Contents.map(({ Key = '', Size, ETag, LastModified }) => ({
    key: EncodingType === 'url' ? decodeURIComponent(Key.replaceAll('+', ' ')) : Key,
    size: Size ?? null,
    etag: ETag ?? '',
    modifiedMs: LastModified?.getTime() ?? null,
  }))
}

/** `key/` of no bytes, and what Hadoop's S3 file systems wrote for a folder. */
function isMarker({ key, size }: Found): boolean {
  return size === 0 && (key.endsWith('/') || key.endsWith('_$folder$'))
}
