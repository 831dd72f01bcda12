import type { ListObjectsV2CommandOutput } from '@aws-sdk/client-s3'
import type { ObjectInfo } from '@omni/spec'
import { type KeyPage, type Listed, listKeys } from '@omni/spec/storage-kit'
import { parseAddress } from './address.ts'
import type { Connection } from './client.ts'
import type { Place, Session } from './session.ts'

/** The object of exactly this key, and those below it, in the byte order of their keys. */
export function listBelow(url: string, session: Session): AsyncGenerator<ObjectInfo, void, void> {
  const address = parseAddress(url)
  const { signal } = session.ctx
  return listKeys(
    address,
    (...page) => session.run(address, (at, on) => pageOf(at, on, { abortSignal: signal }, ...page)),
    signal,
  )
}

/** One page of a list; rejects where there is no bucket. */
export async function pageOf(
  { base }: Place,
  { sdk, client }: Connection,
  signal: { readonly abortSignal: AbortSignal },
  prefix: string,
  token: string | undefined,
  max?: number,
): Promise<KeyPage> {
  const input = {
    ...base,
    Prefix: prefix,
    // XML 1.0 cannot hold every character that a key may hold.
    EncodingType: 'url' as const,
    ...(token === undefined ? {} : { ContinuationToken: token }),
    ...(max === undefined ? {} : { MaxKeys: max }),
  }
  const answer = await client.send(new sdk.ListObjectsV2Command(input), signal)
  return { found: keysOf(answer), next: answer.NextContinuationToken }
}

function keysOf({ Contents = [], EncodingType }: ListObjectsV2CommandOutput): Listed[] {
  return Contents.map(({ Key = '', Size, ETag, LastModified }) => ({
    key: EncodingType === 'url' ? decodeURIComponent(Key.replaceAll('+', ' ')) : Key,
    size: Size ?? null,
    etag: ETag ?? '',
    modifiedMs: LastModified?.getTime() ?? null,
  }))
}
