// biome-ignore-all lint/suspicious/noTemplateCurlyInString: a person is told to write these marks
import { existsSync, statSync } from 'node:fs'
import { type Collector, fault, type Storage } from '@omni/core'
import { interpolate } from './config/interpolate.ts'
import { warnOfSecrets } from './flags/secrets.ts'
import { readStorageOptions } from './flags/storage-options.ts'
import type { Io } from './io.ts'
import { findSources } from './sources/declared.ts'
import { type LoadedSource, loadSource, loadSourceForUrl } from './sources/load.ts'

/** A target of the command line, found: its source, and what of the target is the locator already. */
export interface Target {
  readonly loaded: LoadedSource
  /** Set when the target itself is the locator: a URL, or the path of a file. */
  readonly locator?: string
}

const URL_LIKE = /^[a-z][a-z0-9+.-]*:\/\//i

/** A source by its name, by the scheme of a URL, or `file` for the path of a file that is there. */
export async function findTarget(target: string, cwd: string): Promise<Target> {
  if (URL_LIKE.test(target)) return { loaded: await loadSourceForUrl(target, cwd), locator: target }
  if (isPath(target)) {
    const known = findSources(cwd).sources.map((source) => source.name)
    if (!known.includes(target)) return { loaded: await loadSource('file', cwd), locator: target }
  }
  return { loaded: await loadSource(target, cwd) }
}

function isPath(text: string): boolean {
  if (text.includes('/') || text.includes('\\')) return true
  return existsSync(text) && statSync(text).isFile()
}

/**
 * Options from the command line as a collector; `${env:NAME}` and `${file:path}` are filled in here too. `storage`
 * holds what the locator names: its schema says what the words of `--storage-options` are.
 */
export function configureTarget(
  target: Target,
  operands: readonly string[],
  options: Readonly<Record<string, unknown>>,
  io: Io,
  storage?: Storage,
): Collector {
  const { source } = target.loaded
  const locator = target.locator ?? operands[0]
  if (locator !== undefined && options[source.locator] !== undefined) {
    throw fault({
      kind: 'config',
      code: 'cli.locator-twice',
      why: `The ${source.locator} is given twice: as a word and as \`--${source.locator}\`.`,
      fix: 'Leave one of them out.',
    })
  }
  const input = locator === undefined ? options : { ...options, [source.locator]: locator }
  if (input[source.locator] === undefined) {
    throw fault({
      kind: 'config',
      code: 'cli.locator-missing',
      why: `What should be read? \`${source.name}\` needs a ${source.locator}.`,
      fix: `Write \`omni-collect ${source.name} <${source.locator}>\`; \`omni-collect ${source.name} --help\` has the options.`,
    })
  }
  warnOfSecrets([...(source.secrets ?? []), 'storageOptions.*'], options, io)
  const filled = interpolate(input, { env: io.env, folder: io.cwd }) as Record<string, unknown>
  const given = filled['storageOptions']
  if (storage === undefined || typeof given !== 'object' || given === null)
    return target.loaded.configure(filled)
  const storageOptions = readStorageOptions(storage, given as Record<string, unknown>, 'storage-options')
  return target.loaded.configure({ ...filled, storageOptions })
}
