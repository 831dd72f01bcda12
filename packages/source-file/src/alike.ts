import { typeToString } from '@omni/arrow'
import type { FormatChunk } from './format.ts'

/**
 * Watches over the columns of a stream that several files make up: each file is typed by what it holds, and in the
 * end a column has one type in all of them.
 */
export interface Alike {
  /** What formats found out about columns; given to each decode. */
  readonly learned: Map<string, unknown>
  /** The first file of the stream is read, maybe again. */
  begin(): void
  see(chunk: Exclude<FormatChunk, { restart: unknown }>): void
  /**
   * True when a column came with two types, and the formats have learned enough to give it one: the stream has to be
   * read again.
   */
  readonly isTorn: boolean
}

export function createAlike(): Alike {
  const learned = new Map<string, unknown>()
  const types = new Map<string, string>()
  let isTorn = false
  return {
    learned,
    begin() {
      types.clear()
      isTorn = false
    },
    see(chunk) {
      if (!('batch' in chunk)) return
      for (const { name, type } of chunk.batch.schema.fields) {
        const text = typeToString(type)
        const known = types.get(name)
        if (known === undefined) types.set(name, text)
        else if (known !== text) isTorn = true
      }
    },
    get isTorn() {
      return isTorn && learned.size > 0
    },
  }
}
