import { dirname } from 'node:path'
import { type Collector, fault } from '@omni/core'
import type { Invocation, Run } from '../commands/invocation.ts'
import { EXIT, type ExitCode, reportFailure } from '../exit.ts'
import type { CommonFlags } from '../flags/common.ts'
import { readMask } from '../flags/common.ts'
import { type Io, printLines } from '../io.ts'
import { resolveRoot } from '../root.ts'
import { findSources } from '../sources/declared.ts'
import { loadSource, loadSourceForUrl } from '../sources/load.ts'
import { printJson } from '../view/json.ts'
import { type ConfigEntry, findConfig, looksLikeConfig, type ReadConfig, readConfig } from './read.ts'

/** True for a word that names a configuration or an entry of it rather than a source. */
export async function isEntry(word: string, io: Io): Promise<boolean> {
  if (looksLikeConfig(word) && /(^|[\\/.])omni\b|config/i.test(word)) return true
  if (word.includes(':') || findSources(io.cwd).sources.some((source) => source.name === word)) return false
  const path = findConfig(io.cwd)
  return path !== undefined && (await readConfig(path, io.env)).names.includes(word)
}

/**
 * Runs a command for one entry of the configuration, or for all: then one that fails does not stop the others, the
 * worst exit code counts, and `--output json` is one object with a member for each entry.
 */
export async function forEachEntry(call: Invocation, run: Run): Promise<ExitCode> {
  const { config, names, isOne } = await selectEntries(call)
  // Relative locators in a configuration start at its folder, wherever it is called from.
  process.chdir(dirname(config.path))
  if (isOne) return await run(await entryCall(config.entry(names[0] ?? ''), config, call))
  const { io, flags, signal } = call
  const values: Record<string, unknown> = {}
  let worst: ExitCode = EXIT.done
  for (const [i, name] of names.entries()) {
    if (signal.aborted) break
    let printed = ''
    const stdout = {
      ...io.stdout,
      write(text: string) {
        printed += text
      },
    }
    if (flags.output === 'text') printLines(io.stdout, [...(i > 0 ? [''] : []), io.stdout.theme.strong(name)])
    try {
      const one = await entryCall(config.entry(name), config, call)
      worst = worse(worst, await run(flags.output === 'json' ? { ...one, io: { ...io, stdout } } : one))
      if (flags.output === 'json') values[name] = JSON.parse(printed)
    } catch (error) {
      worst = worse(worst, reportFailure(error, io, flags.output !== 'text', name))
    }
  }
  if (flags.output === 'json') printJson(io.stdout, 'json', values)
  return worst
}

/** Entries of a configuration that were asked for. */
export interface Selected {
  readonly config: ReadConfig
  readonly names: readonly string[]
  /** One was asked for by its name. */
  readonly isOne: boolean
}

/** The configuration that the operands mean, and which of its entries. */
export async function selectEntries(call: Invocation): Promise<Selected> {
  const [first, second] = call.operands
  const named = first !== undefined && looksLikeConfig(first)
  const path = named ? first : findConfig(call.io.cwd)
  if (path === undefined) {
    throw fault({
      kind: 'config',
      code: 'config.missing',
      why: 'There is no omni.config.yaml or omni.config.ts in this folder.',
      fix: 'Run `omni-collect init` to write one, or name a source and what it should read.',
    })
  }
  if (!named && second !== undefined) {
    throw fault({
      kind: 'config',
      code: 'cli.too-many-operands',
      why: 'There is a word too many.',
      fix: 'Write `omni-collect run [config] [name]`; the configuration ends in .yaml or .ts.',
    })
  }
  const config = await readConfig(path, call.io.env)
  const name = named ? second : first
  if (name !== undefined) config.entry(name)
  return { config, names: name === undefined ? config.names : [name], isOne: name !== undefined }
}

/** The call of a command for one entry: its own settings, which flags override. */
export async function entryCall(
  entry: ConfigEntry,
  config: ReadConfig,
  call: Invocation,
): Promise<Invocation> {
  const { settings } = entry
  const { flags } = call
  const merged: CommonFlags = {
    ...flags,
    root: flags.rootGiven ? resolveRoot(call.io.cwd, flags.root) : config.root,
    rootOptions: flags.rootGiven ? flags.rootOptions : { ...config.rootOptions, ...flags.rootOptions },
    tags: { ...settings.tags, ...flags.tags },
    masks: [
      ...Object.entries(settings.masks ?? {}).map(([column, action]) => readMask(`${column}:${action}`)),
      ...flags.masks,
    ],
    mask: flags.mask && settings.mask !== false,
    streams: flags.streams.length > 0 ? flags.streams : (settings.streams ?? []),
    // The entry's name is the dataset's: two entries that read the same file are two series.
    dataset: flags.dataset ?? settings.dataset ?? entry.name,
    ...pick('format', flags.format ?? settings.format),
    ...pick('limit', flags.limit ?? settings.limit),
  }
  return { ...call, flags: merged, operands: [], collector: await collectorOf(entry, dirname(config.path)) }
}

async function collectorOf(entry: ConfigEntry, cwd: string): Promise<Collector> {
  if (entry.collector !== undefined) return entry.collector
  const { source = '', locator, options = {} } = entry.named ?? {}
  const isUrl = /^[a-z][a-z0-9+.-]*:\/\//i.test(source)
  const loaded = isUrl ? await loadSourceForUrl(source, cwd) : await loadSource(source, cwd)
  const at = isUrl ? source : locator
  return loaded.configure(at === undefined ? options : { ...options, [loaded.source.locator]: at })
}

function pick<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: V }
}

/** A bug outweighs a mistake, a mistake outweighs quarantined records. */
export function worse(a: ExitCode, b: ExitCode): ExitCode {
  const order: readonly ExitCode[] = [EXIT.done, EXIT.quarantined, EXIT.fixable, EXIT.aborted, EXIT.bug]
  return order.indexOf(a) >= order.indexOf(b) ? a : b
}
