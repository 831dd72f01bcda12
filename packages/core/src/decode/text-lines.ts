import type { HomeFile } from '../home/home.ts'
import { damaged } from './damaged.ts'

/** A file as pieces of text, decoded as UTF-8; a byte order mark stays, it is data. */
async function* textOf(file: HomeFile): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  for await (const bytes of file.stream()) yield decoder.decode(bytes, { stream: true })
  yield decoder.decode()
}

/** A splitter that takes what is complete off the front of a text, and says how much that was. */
export type Splitter<Item> = (text: string) => { readonly items: readonly Item[]; readonly used: number }

/**
 * Items of a file in batches. A record longer than a piece of text is looked at again only when the text has
 * doubled, so that the time stays linear in its length.
 */
export async function* itemsOf<Item>(file: HomeFile, split: Splitter<Item>): AsyncGenerator<readonly Item[]> {
  let rest = ''
  let pending: string[] = []
  let pendingLength = 0
  const take = (): readonly Item[] => {
    const text = rest + pending.join('')
    const { items, used } = split(text)
    rest = text.slice(used)
    pending = []
    pendingLength = 0
    return items
  }
  for await (const piece of textOf(file)) {
    pending.push(piece)
    pendingLength += piece.length
    if (pendingLength >= rest.length) yield take()
  }
  yield take()
  // Every record that we write ends with a line end.
  if (rest !== '') throw damaged()
}
