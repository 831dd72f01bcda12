import type { CollectEvent, CollectOptions, OmniCollector } from '@omni/core'
import type { Invocation } from './commands/invocation.ts'
import { findPlace } from './root.ts'

/** The engine for one call: its root, its signal, and who hears of events. */
export async function openEngine(
  call: Invocation,
  onEvent?: (event: CollectEvent) => void,
  note: (line: string) => void = (line) => call.io.stderr.write(`${line}\n`),
): Promise<OmniCollector> {
  const { io, flags, signal } = call
  const core = await import('@omni/core')
  const { dim, warn } = io.stderr.theme
  const say = (style: (text: string) => string, word: string) => (message: string) => {
    if (!flags.quiet) note(`${style(word.padEnd(9))} ${message}`)
  }
  return new core.OmniCollector({
    ...(await findPlace(call)),
    signal,
    log: {
      debug: io.env['OMNI_DEBUG'] === '1' ? say(dim, 'debug') : () => {},
      info: say(dim, 'note'),
      warn: say(warn, 'warning'),
    },
    ...(onEvent === undefined ? {} : { onEvent }),
  })
}

/** What the flags say of one collect. */
export function collectOptionsOf({ flags, signal }: Invocation): CollectOptions {
  return {
    signal,
    tags: flags.tags,
    masks: flags.masks,
    mask: flags.mask,
    full: flags.full,
    ...(flags.dataset === undefined ? {} : { dataset: flags.dataset }),
    ...(flags.format === undefined ? {} : { format: flags.format }),
    ...(flags.limit === undefined ? {} : { limit: flags.limit }),
    ...(flags.streams.length === 0 ? {} : { streams: [...flags.streams] }),
  }
}
