import { stopped } from '../fault.ts'
import type { ObjectInfo } from '../storage.ts'
import { writeKey } from './keys.ts'

/** Where an object, or what lies below a key, is. */
export interface KeyAddress {
  /** Everything before the key, with its slash: `s3://bucket/`. */
  readonly start: string
  /** As the store has it; empty for the bucket itself. */
  readonly key: string
}

/** Facts of one object of a list. */
export interface Listed extends Pick<ObjectInfo, 'size' | 'etag' | 'modifiedMs'> {
  readonly key: string
  /** The store says itself that it stands for a folder. */
  readonly isFolder?: boolean
}

/** Some objects of a list, in the byte order of their keys. */
export interface KeyPage {
  readonly found: readonly Listed[]
  /** What asks for the next page; undefined at the end. */
  readonly next: string | undefined
}

/** Asks for a page of the keys that begin with `prefix`, at most `max` of them; rejects with a fault. */
export type AskPage = (prefix: string, token: string | undefined, max?: number) => Promise<KeyPage>

/** The object of exactly this key, and those below it: what `StoredObject.list` gives. */
export async function* listKeys(
  address: KeyAddress,
  ask: AskPage,
  signal: AbortSignal,
): AsyncGenerator<ObjectInfo, void, void> {
  const { key } = address
  if (key !== '' && !key.endsWith('/')) {
    // Of all keys with this prefix the key itself comes first.
    const [exact] = (await ask(key, undefined, 1)).found
    if (exact?.key === key && !isFolderMarker(exact)) yield infoOf(address, exact)
  }
  const prefix = folderPrefix(key)
  let token: string | undefined
  do {
    if (signal.aborted) throw stopped()
    const page = await ask(prefix, token)
    for (const found of page.found) if (!isFolderMarker(found)) yield infoOf(address, found)
    token = page.next
  } while (token !== undefined)
}

/** True when there is any object or marker below the key. */
export async function isAnythingBelow({ key }: KeyAddress, ask: AskPage): Promise<boolean> {
  return (await ask(folderPrefix(key), undefined, 1)).found.length > 0
}

/** Facts of one object of the address's bucket as core wants them. */
export function infoOf({ start }: KeyAddress, { key, size, etag, modifiedMs }: Listed): ObjectInfo {
  return { url: urlOf({ start, key }), name: nameOf({ start, key }), size, etag, modifiedMs, isFolder: false }
}

/** What `StoredObject.head` gives where there are only objects below the key. */
export function folderInfo(address: KeyAddress): ObjectInfo {
  return {
    url: urlOf(address),
    name: nameOf(address),
    size: null,
    etag: '',
    modifiedMs: null,
    isFolder: true,
  }
}

/** `key/` of no bytes, and what Hadoop's drivers wrote for a folder. */
export function isFolderMarker({ key, size, isFolder }: Pick<Listed, 'key' | 'size' | 'isFolder'>): boolean {
  return isFolder === true || (size === 0 && (key.endsWith('/') || key.endsWith('_$folder$')))
}

function urlOf({ start, key }: KeyAddress): string {
  return `${start}${writeKey(key)}`
}

/** Name without its folder; of the bucket, where there is no key. */
function nameOf({ start, key }: KeyAddress): string {
  const bucket = /^[^:]+:\/\/([^/@]*)/.exec(start)?.[1] ?? ''
  return key.replace(/\/+$/, '').split('/').at(-1) || bucket
}

function folderPrefix(key: string): string {
  return key === '' || key.endsWith('/') ? key : `${key}/`
}
