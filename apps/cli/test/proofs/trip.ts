import { join } from 'node:path'
import { type Format, OmniCollector } from '@omni/core'
import { expect, type TestContext } from 'vitest'
import { duck, sqlText, textOf } from './duck.ts'
import { createGarden, fragmentsIn, type Garden, type Plant, plantsIn, wordsIn } from './plants.ts'
import { bytesOf, createFolders, type Folders, filesBelow } from './root.ts'
import { jsonOf } from './ways.ts'

/** Folders of all trips, and ids that no two gardens share. */
export const folders: Folders = createFolders()
const ids = { next: 1 }

/** A garden of its own. */
export function newGarden(): Garden {
  const garden = createGarden(ids.next)
  // More than any trip plants.
  ids.next += 600
  return garden
}

/** One collect: what it gets, and what it says. */
export interface Trip {
  readonly garden: Garden
  readonly root: string
  /** Outside of the root, for what is read. */
  readonly inputs: string
  readonly format: Format
  readonly mask: boolean
  readonly ctx: TestContext
  /** What a run printed. */
  say(text: string): void
  collector(): OmniCollector
}

/** Everything that the search found in one root. */
export interface Harvest {
  readonly plants: ReadonlySet<Plant>
  readonly evidence: readonly string[]
}

/** Goes one way, and searches every byte that this left or printed. */
export async function travel(
  ctx: TestContext,
  format: Format,
  mask: boolean,
  way: (trip: Trip) => Promise<void>,
): Promise<{ garden: Garden; harvest: Harvest }> {
  const garden = newGarden()
  const root = folders.make('root')
  const said: string[] = []
  const found = new Set<Plant>()
  const evidence: string[] = []
  const search = (where: string, bytes: Buffer, isData: boolean): void => {
    const texts = [bytes.toString('utf8')]
    if (!isData) texts.push(bytes.toString('utf16le'))
    for (const text of texts) {
      for (const plant of plantsIn(text, garden, isData ? 7 : 9)) {
        if (!found.has(plant)) evidence.push(`${where}: ${plant.kind} ${plant.id} of ${plant.place}`)
        found.add(plant)
      }
    }
    for (const word of wordsIn(bytes, garden)) {
      const plant = garden.plants.find(({ digits }) => digits === String(word))!
      if (!found.has(plant)) evidence.push(`${where}: the bytes of number ${plant.id} of ${plant.place}`)
      found.add(plant)
    }
    if (isData) for (const fragment of fragmentsIn(texts[0]!)) evidence.push(`${where}: …${fragment}…`)
  }
  let isPolling = true
  const poll = setInterval(() => {
    for (const path of filesBelow(root).filter((path) => path.includes('.staging-'))) {
      if (isPolling) search(path, bytesOf(join(root, path)), false)
    }
  }, 40)
  try {
    await way({
      garden,
      root,
      inputs: folders.make('inputs'),
      format,
      mask,
      ctx,
      say: (text) => said.push(text),
      collector: () => new OmniCollector({ root, onEvent: (event) => said.push(jsonOf(event)) }),
    })
  } finally {
    isPolling = false
    clearInterval(poll)
  }
  search('what was printed', Buffer.from(said.join('\n')), false)
  let parts = 0
  for (const path of filesBelow(root)) {
    search('a path', Buffer.from(path), false)
    search(path, bytesOf(join(root, path)), false)
    if (!/part-\d+/.test(path)) continue
    parts++
    const bytes = path.endsWith('.parquet')
      ? Buffer.from(textOf(await duck(`FROM read_parquet(${sqlText(join(root, path))})`)))
      : bytesOf(join(root, path))
    search(`values of ${path}`, bytes, true)
  }
  for (const info of await new OmniCollector({ root }).snapshots()) {
    const rows = await (await new OmniCollector({ root }).open(info.path)).rowsAsObjects()
    search('rows as objects', Buffer.from(jsonOf(rows)), true)
  }
  expect(parts, 'parts that were searched').toBeGreaterThan(0)
  return { garden, harvest: { plants: found, evidence } }
}
