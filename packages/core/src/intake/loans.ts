import type { Chunk } from '@omni/spec'
import type { Assembly } from './assembly.ts'

/** The memory of chunks that is to go back to the source. */
export interface Loans {
  /** Takes a chunk whose rows the assembly has taken, and gives back the memory of all that left the assembly whole. */
  take(chunk: Exclude<Chunk, { restart: unknown }>): void
}

/** Loans of what one assembly takes. */
export function createLoans(assembly: Pick<Assembly, 'taken' | 'held'>): Loans {
  const open: { readonly end: number; readonly release: () => void }[] = []
  return {
    take({ release }) {
      if (release) open.push({ end: assembly.taken, release })
      const left = assembly.taken - assembly.held
      while (open[0] && open[0].end <= left) open.shift()?.release()
    },
  }
}
