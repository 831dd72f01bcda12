import type { CollectEvent } from '@omni/core'
import type { Io } from '../io.ts'
import { createProgressView } from './progress.ts'
import { printable } from './theme.ts'

/** Shows the events of one collect on stderr. */
export interface EventView {
  readonly take: (event: CollectEvent) => void
  /** A line beside the events, as from a source's log. */
  readonly note: (line: string) => void
  finish(): void
}

/** Live on a terminal, a line each elsewhere. */
export function createEventView(io: Io): EventView {
  const out = io.stderr
  const { dim, warn } = out.theme
  const progress = createProgressView(out, io.now)
  const word = (text: string): string => dim(text.padEnd(10))
  const take = (event: CollectEvent): void => {
    switch (event.type) {
      case 'start':
        progress.note(`${word('reading')}${printable(event.label)}`)
        break
      case 'progress':
        progress.update(event)
        break
      case 'restart':
        progress.note(`${word('restart')}${printable(event.stream)}: ${printable(event.why)}`)
        break
      case 'recovered':
        progress.note(`${warn('recovered'.padEnd(10))}${printable(event.what)}`)
        break
      case 'warning':
        progress.note(`${warn('warning'.padEnd(10))}${printable(event.what)}`)
        break
      case 'note':
        progress.note(`${word('note')}${printable(event.what)}`)
        break
      case 'published':
      case 'unchanged':
        // The result says it, on stdout.
        break
    }
  }
  return { take, note: progress.note, finish: progress.finish }
}
