import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Collector, fault, isCollector, isFault } from '@omni/core'
import { nearest } from '../flags/nearest.ts'
import { resolveRoot } from '../root.ts'
import type { EntrySettings, MadeEntry, NamedEntry, OmniConfig } from './define.ts'
import { interpolate } from './interpolate.ts'

/** One entry of a configuration, ready to be made into a collector. */
export interface ConfigEntry {
  readonly name: string
  readonly settings: EntrySettings
  /** Exactly one of the two is set. */
  readonly collector?: Collector
  readonly named?: NamedEntry
}

/** A configuration that was read; nothing in it was filled in yet. */
export interface ReadConfig {
  readonly path: string
  /** An absolute path, or the URL of an object store. */
  readonly root: string
  readonly rootOptions: Readonly<Record<string, unknown>>
  readonly names: readonly string[]
  /** The entry of this name, with `${…}` filled in; the others' variables may be unset. */
  entry(name: string): ConfigEntry
}

/** Names looked for in the working folder, in this order. */
export const CONFIG_NAMES: readonly string[] = [
  'omni.config.ts',
  'omni.config.mts',
  'omni.config.js',
  'omni.config.mjs',
  'omni.config.yaml',
  'omni.config.yml',
]
const ENTRY_KEYS: readonly string[] = [
  'source',
  'locator',
  'options',
  'collector',
  'dataset',
  'tags',
  'masks',
  'mask',
  'format',
  'limit',
  'streams',
]

/** True for text that names a configuration file rather than an entry of one. */
export function looksLikeConfig(text: string): boolean {
  return /\.(ya?ml|[mc]?[jt]s)$/i.test(text)
}

/** The configuration of a folder, or undefined when there is none. */
export function findConfig(folder: string): string | undefined {
  return CONFIG_NAMES.map((name) => join(folder, name)).find((path) => existsSync(path))
}

/** Reads a configuration; a file in code is imported, the other kind parsed. */
export async function readConfig(
  path: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<ReadConfig> {
  const absolute = resolve(path)
  if (!existsSync(absolute)) {
    throw fault({
      kind: 'config',
      code: 'config.missing',
      why: `There is no configuration ${path}.`,
      fix: 'Run `omni-collect init` to write one, or correct the path.',
    })
  }
  const inYaml = /\.ya?ml$/i.test(absolute)
  const config = checkShape(inYaml ? await parseYaml(absolute) : await importCode(absolute), absolute)
  const folder = dirname(absolute)
  const around = { env, folder }
  const root = config.root === undefined ? '.' : String(interpolate(config.root, around, 'root'))
  return {
    path: absolute,
    root: resolveRoot(folder, root),
    rootOptions: interpolate(config.rootOptions ?? {}, around, 'rootOptions') as ReadConfig['rootOptions'],
    names: Object.keys(config.collectors),
    entry(name) {
      const written = config.collectors[name]
      if (written === undefined) throw noEntry(name, absolute, Object.keys(config.collectors))
      const at = `collectors.${name}`
      if (isCollector(written)) return { name, settings: {}, collector: written }
      checkEntry(written, at, absolute)
      if ('collector' in written) return { name, settings: written, collector: written.collector }
      const named = interpolate(written, around, at) as NamedEntry
      return { name, settings: named, named }
    },
  }
}

async function importCode(path: string): Promise<unknown> {
  try {
    const module: { readonly config?: unknown; readonly default?: unknown } = await import(
      pathToFileURL(path).href
    )
    return module.config ?? module.default
  } catch (cause) {
    if (isFault(cause)) throw cause
    const error = cause instanceof Error ? `${cause.name}: ${cause.message.split('\n')[0]}` : 'unknown error'
    throw invalid(
      path,
      `cannot be imported (${error})`,
      'Correct it; `node` alone must be able to import it.',
      cause,
    )
  }
}

async function parseYaml(path: string): Promise<unknown> {
  const { parseDocument } = await import('yaml')
  const document = parseDocument(await readFile(path, 'utf8'), { prettyErrors: true })
  const [error] = document.errors
  if (error !== undefined) {
    const line = error.linePos?.[0].line
    // The parser quotes the line, which may hold a secret; its code and place are enough.
    throw invalid(
      path,
      `is not valid YAML (${error.code}${line ? ` at line ${line}` : ''})`,
      'Correct that line.',
    )
  }
  return document.toJS() as unknown
}

function checkShape(value: unknown, path: string): OmniConfig {
  const collectors = (value as OmniConfig | null | undefined)?.collectors
  if (typeof collectors === 'object' && collectors !== null && !Array.isArray(collectors)) {
    return value as OmniConfig
  }
  throw invalid(
    path,
    'has no `collectors`',
    'Write `collectors:` with a name and a `source` each (in code: `export const config = defineConfig({ collectors: { … } })`).',
  )
}

function checkEntry(entry: unknown, at: string, path: string): asserts entry is NamedEntry | MadeEntry {
  if (typeof entry !== 'object' || entry === null) {
    throw invalid(path, `has no settings at ${at}`, 'Write a `source` and its `options` there.')
  }
  const unknown = Object.keys(entry).find((key) => !ENTRY_KEYS.includes(key))
  if (unknown !== undefined) {
    const close = nearest(unknown, ENTRY_KEYS)
    const hint = close === undefined ? `Allowed are ${ENTRY_KEYS.join(', ')}.` : `Did you mean \`${close}\`?`
    throw invalid(
      path,
      `has an unknown setting at ${at}.${unknown}`,
      `${hint} Options of the source go below \`options\`.`,
    )
  }
  if (
    'collector' in entry ? !isCollector(entry.collector) : typeof (entry as NamedEntry).source !== 'string'
  ) {
    throw invalid(path, `has no source at ${at}`, 'Write `source: file` (or another installed source) there.')
  }
}

function invalid(path: string, what: string, fix: string, cause?: unknown): Error {
  return fault({ kind: 'config', code: 'config.invalid', why: `${basename(path)} ${what}.`, fix, cause })
}

function noEntry(name: string, path: string, names: readonly string[]): Error {
  const close = nearest(name, names)
  return fault({
    kind: 'config',
    code: 'config.no-entry',
    why: `${basename(path)} has no collector named \`${name}\` (it has ${names.join(', ') || 'none'}).`,
    fix: close === undefined ? 'Name one of those.' : `Did you mean \`${close}\`?`,
  })
}
