import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type AskPage,
  folderInfo,
  infoOf,
  isAnythingBelow,
  isFolderMarker,
  type Listed,
  listKeys,
} from './list.ts'

const START = 'shelf://bucket/'
const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))
const listed = (key: string, size = 1): Listed => ({ key, size, etag: 'e', modifiedMs: 5 })

/** A store that gives `pageKeys` keys at a time. */
function askOf(all: readonly Listed[], pageKeys: number): AskPage {
  const sorted = [...all].sort((a, b) => byBytes(a.key, b.key))
  return async (prefix, token, max = pageKeys) => {
    const matching = sorted.filter(({ key }) => key.startsWith(prefix))
    const from = Number(token ?? 0)
    const end = from + Math.min(max, pageKeys)
    return { found: matching.slice(from, end), next: end < matching.length ? String(end) : undefined }
  }
}

const keysOf = async (key: string, ask: AskPage): Promise<string[]> => {
  const { signal } = new AbortController()
  return (await Array.fromAsync(listKeys({ start: START, key }, ask, signal))).map(({ url }) => url)
}

describe('a list of a store', () => {
  it('is the key itself and all that lies below it, whatever the keys and the pages are', async () => {
    const key = fc.stringMatching(/^[ab/é-]{1,5}$/)
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(key),
        key,
        fc.integer({ min: 1, max: 3 }),
        async (keys, at, pageKeys) => {
          const folder = at.endsWith('/') ? at : `${at}/`
          const isThere = (one: string): boolean =>
            one.startsWith(folder) || (one === at && !at.endsWith('/'))
          const expected = keys.filter(isThere).sort(byBytes)
          const ask = askOf(
            keys.map((one) => listed(one)),
            pageKeys,
          )
          expect(await keysOf(at, ask)).toEqual(expected.map((one) => `${START}${one}`))
          const hasBelow = keys.some((one) => one.startsWith(folder))
          expect(await isAnythingBelow({ start: START, key: at }, ask)).toBe(hasBelow)
          expect(await keysOf('', ask)).toHaveLength(keys.length)
        },
      ),
    )
  })

  it('leaves out what stands for a folder', async () => {
    const ask = askOf(
      [
        listed('a/', 0),
        listed('a/b_$folder$', 0),
        listed('a/c_$folder$', 3),
        { ...listed('a/d', 0), isFolder: true },
        listed('a/e', 0),
      ],
      2,
    )
    expect(await keysOf('a', ask)).toEqual([`${START}a/c_$folder$`, `${START}a/e`])
    expect(await keysOf('a/d', ask)).toEqual([])
    expect(isFolderMarker({ key: 'x', size: 0 })).toBe(false)
  })

  it('stops between two pages', async () => {
    const stop = new AbortController()
    const list = listKeys({ start: START, key: '' }, askOf([listed('a'), listed('b')], 1), stop.signal)
    expect((await list.next()).value).toMatchObject({ name: 'a' })
    stop.abort()
    await expect(list.next()).rejects.toMatchObject({ kind: 'aborted', code: 'run.aborted' })
  })

  it('names an object by the last part of its key, and a bucket by itself', () => {
    const nameOf = (start: string, key: string): string => folderInfo({ start, key }).name
    expect(nameOf(START, 'a/b c')).toBe('b c')
    expect(nameOf(START, 'a/b//')).toBe('b')
    expect(nameOf(START, '')).toBe('bucket')
    expect(nameOf('abfss://box@account.dfs.core.windows.net/', '')).toBe('box')
    expect(infoOf({ start: START, key: 'other' }, listed('a?#'))).toEqual({
      url: `${START}a%3F%23`,
      name: 'a?#',
      size: 1,
      etag: 'e',
      modifiedMs: 5,
      isFolder: false,
    })
  })
})
