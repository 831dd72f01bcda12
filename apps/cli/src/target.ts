// biome-ignore-all lint/suspicious/noTemplateCurlyInString: a person is told to write these marks
import { existsSync, statSync } from 'node:fs'
import { type Collector, fault } from '@omni/core'
import { interpolate } from './config/interpolate.ts'
import type { Io } from './io.ts'
import { findSources } from './sources/declared.ts'
import { type LoadedSource, loadSource, loadSourceForUrl } from './sources/load.ts'

/** A target of the command line, found: its source, and what of the target is the locator already. */
export interface Target {
  readonly loaded: LoadedSource
  /** Set when the target itself is the locator: a URL, or the path of a file. */
  readonly locator?: string
}

const SECRET_NAME = /auth|cookie|cred|key|pass|secret|session|sig|token/i
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

/** Options from the command line as a collector; `${env:NAME}` and `${file:path}` are filled in here too. */
export function configureTarget(
  target: Target,
  operands: readonly string[],
  options: Readonly<Record<string, unknown>>,
  io: Io,
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
  warnOfSecrets(source.secrets ?? [], options, io)
  return target.loaded.configure(interpolate(input, { env: io.env, folder: io.cwd }) as object)
}

/** A secret on the command line can be read by every process of the machine, and stays in the shell's history. */
function warnOfSecrets(secrets: readonly string[], options: Readonly<Record<string, unknown>>, io: Io): void {
  for (const path of secrets) {
    for (const name of literalsAt(options, path.split('.'))) {
      io.stderr.write(
        `${io.stderr.theme.warn('warning')}  \`${name}\` was given on the command line, where others can see it. ` +
          "Write '${env:NAME}' or '${file:path}' instead.\n",
      )
    }
  }
}

/** Names of given values at a path; of those at `*` (any header, any parameter) only what sounds like a secret. */
function literalsAt(value: unknown, path: readonly string[], at = ''): string[] {
  const [key, ...rest] = path
  if (key === undefined) return isLiteral(value) ? [at] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value)
    .filter(([name]) => (key === '*' ? SECRET_NAME.test(name) : name.toLowerCase() === key.toLowerCase()))
    .flatMap(([name, item]) => literalsAt(item, rest, at === '' ? name : `${at}.${name}`))
}

/** `${env:X}` and `Bearer ${env:X}` are no secrets themselves. */
function isLiteral(value: unknown): boolean {
  return typeof value === 'string' && !/^(\w+ )?\$\{[^}]+\}$/.test(value)
}
