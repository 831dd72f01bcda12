import { readFile } from 'node:fs/promises'
import { isMissing } from '../snapshot/disk.ts'

/** `logs/.head`: how many records there are and the hash of the last, so that cutting the log off is noticed. */
export interface Head {
  readonly count: number
  readonly hash: string
}

/** The head, or undefined where there is none or it is unreadable. */
export async function readHead(file: string): Promise<Head | undefined> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
  return parseHead(text)
}

/** The head from its exact text. */
export function parseHead(text: string): Head | undefined {
  const m = /^\{"count":(\d{1,15}),"hash":"([0-9a-f]{64})"\}\n$/.exec(text)
  return m ? { count: Number(m[1]), hash: String(m[2]) } : undefined
}
