import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { fault, type Log, type Storage, type StorageContext } from '@omni/spec'
import {
  packageOf,
  STORAGE_OPTIONS,
  type StorageOptions,
  schemeOf,
  secretsOf,
  validateOptions,
} from '../context/stores.ts'
import { createRedactor, type Redactor } from '../redact/redactor.ts'
import type { Home } from './home.ts'
import { createLocalHome } from './local-home.ts'
import { createStoreHome } from './store-home.ts'

/** The root of a collector, ready to be opened for each of its calls. */
export interface Homes {
  /** An absolute path, or a URL without a slash at its end. */
  readonly root: string
  /** Knows the secrets of the root's options. */
  readonly redactor: Redactor
  readonly open: () => Home
}

/** Validates the root and its options; does no I/O. */
export function createHomes(options: {
  readonly root: string
  readonly rootOptions: StorageOptions
  readonly storages: readonly Storage[]
  readonly log: Log
  readonly now: () => number
}): Homes {
  const { rootOptions, storages, log, now } = options
  const redactor = createRedactor({}, secretsOf(storages), { [STORAGE_OPTIONS]: rootOptions })
  const scheme = schemeOf(options.root)
  if (scheme === undefined || scheme === 'file') {
    if (Object.keys(rootOptions).length > 0) throw optionsOfFolder()
    const root = path.resolve(scheme === 'file' ? fileURLToPath(options.root) : options.root)
    return { root, redactor, open: () => createLocalHome(root) }
  }
  const storage = storages.find(({ schemes }) => schemes.includes(scheme))
  if (storage === undefined) throw nothingKeeps(scheme)
  const root = checkUrl(options.root)
  const validated = validateOptions(storage, rootOptions, 'rootOptions')
  const context: StorageContext = {
    // What is begun must be put right after an abort too, so the run's own signal is not this one.
    signal: new AbortController().signal,
    log: {
      debug: (message) => log.debug(redactor.text(message)),
      info: (message) => log.info(redactor.text(message)),
      warn: (message) => log.warn(redactor.text(message)),
    },
    fetch: (input, init) => globalThis.fetch(input, init),
    now,
  }
  return { root, redactor, open: () => createStoreHome(root, storage.open(validated, context), now) }
}

function checkUrl(root: string): string {
  const plain = root.replace(/\/+$/, '')
  if (
    /^[a-z][a-z0-9+.-]+:\/\/[^/?#]+(\/[^?#]*)?$/i.test(plain) &&
    !/\/\/|\/\.{1,2}(\/|$)/.test(plain.replace('://', ':'))
  ) {
    return plain
  }
  throw fault({
    kind: 'config',
    code: 'root.url',
    why: 'The root is no plain URL of a bucket and a folder in it.',
    fix: 'Write it as in s3://bucket/folder; credentials and the like are options of the root.',
  })
}

function nothingKeeps(scheme: string): Error {
  const name = packageOf(scheme)
  return fault({
    kind: 'unsupported',
    code: 'root.scheme',
    why: `Nothing installed keeps snapshots at ${scheme}: addresses.`,
    fix: name
      ? `Install ${name} (\`npm install ${name}\`; in code, give it as \`storages\`), or use a folder.`
      : 'Use a folder of this machine, or s3://, gs:// or az://.',
  })
}

function optionsOfFolder(): Error {
  return fault({
    kind: 'config',
    code: 'root.local-options',
    why: 'rootOptions are given, but the root is a folder of this machine.',
    fix: 'Leave them out, or give the URL of an object store as root.',
  })
}
