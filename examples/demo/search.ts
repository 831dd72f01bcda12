import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { OmniCollector } from '@omni/core'

/** Where planted values were looked for, and how many were found. */
export interface Search {
  readonly files: number
  readonly values: number
  readonly found: number
}

/**
 * Looks for every planted value in the bytes of every file below a folder, and, since Parquet is compressed,
 * in every value of every snapshot as the library reads it back.
 */
export async function searchFor(planted: ReadonlySet<string>, root: string, skip: string): Promise<Search> {
  const paths = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.startsWith(skip))
  const found = new Set<string>()
  const look = (text: string): void => {
    for (const value of findPlanted(planted, text)) found.add(value)
  }
  for (const path of paths) look(readFileSync(path, 'utf8'))
  let values = 0
  const engine = new OmniCollector({ root })
  for (const { path } of await engine.snapshots()) {
    const snapshot = await engine.open(path)
    for (const row of await snapshot.rowsAsObjects()) {
      values += Object.keys(row).length
      look(JSON.stringify(row, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value)))
    }
  }
  return { files: paths.length, values, found: found.size }
}

/**
 * The planted values in a text, percent-encoded ones too. Everything that looks like an address or a number is
 * looked up; searching each text for each planted value would take minutes.
 */
export function findPlanted(planted: ReadonlySet<string>, text: string): Set<string> {
  const found = new Set<string>()
  for (const [word] of text.matchAll(/[\p{L}\d.%]+(?:@|%40)[\p{L}\d.-]+\p{L}/giu)) {
    const plain = word.includes('%') ? decodeURIComponent(word) : word
    if (planted.has(plain)) found.add(plain)
  }
  for (const [number] of text.matchAll(/(?:\+\d{1,2} \d+|\(\d+\)) \d+[ -]\d+/g)) {
    if (planted.has(number)) found.add(number)
  }
  return found
}
