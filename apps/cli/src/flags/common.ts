import { fault } from '@omni/core'
import type { Flag } from './from-schema.ts'

/** What a result is printed as. */
export type Output = 'text' | 'json' | 'ndjson'

/** The program's own flags, read. */
export interface CommonFlags {
  readonly root: string
  /** Whether `--root` was given: a configuration's own root gives way to it. */
  readonly rootGiven: boolean
  /** Options of the storage that holds the root. */
  readonly rootOptions: Readonly<Record<string, unknown>>
  readonly output: Output
  readonly quiet: boolean
  readonly yes: boolean
  readonly dataset?: string
  readonly tags: Readonly<Record<string, string>>
  readonly masks: readonly { readonly column: string; readonly action: 'redact' | 'drop' | 'keep' }[]
  /** False for `--no-mask`. */
  readonly mask: boolean
  readonly format?: 'parquet' | 'csv' | 'ndjson'
  readonly limit?: number
  readonly full: boolean
  readonly streams: readonly string[]
}

const flag = (
  name: string,
  kind: Flag['kind'],
  placeholder: string,
  description: string,
  more: Partial<Flag> = {},
): Flag => ({ name, path: [name], kind, placeholder, description, ...more })

const ACTIONS = ['redact', 'drop', 'keep'] as const

/** Flags of every command. */
export const EVERYWHERE: readonly Flag[] = [
  flag('root', 'text', '<folder|url>', 'Where data/raw and logs are: a folder, or s3://, gs://, az://.', {
    fallback: '.',
  }),
  flag('root-options', 'record', '<k=v>', 'An option of the storage of --root; may be repeated.', {
    item: 'json',
  }),
  flag('output', 'choice', '<text|json|ndjson>', 'What the result is printed as.', {
    choices: ['text', 'json', 'ndjson'],
    fallback: 'text',
  }),
  flag('quiet', 'switch', '', 'No progress; only the result, and errors.'),
]

/** Flags of what reads from a source. */
export const READING: readonly Flag[] = [
  flag('stream', 'list', '<name>', 'Read only this stream; may be repeated. Default: all.', { item: 'text' }),
  flag('limit', 'integer', '<rows>', 'Read no more than this many rows of a stream.'),
  flag('mask', 'list', '<col:action>', `What to do with a column: ${ACTIONS.join(', ')}; may be repeated.`, {
    item: 'text',
  }),
  flag('no-mask', 'switch', '', 'Keep personal data as it is. The manifest records that.'),
]

/** Flags of what writes a snapshot. */
export const WRITING: readonly Flag[] = [
  flag('dataset', 'text', '<name>', 'Name of the series of snapshots. Default: from the locator.'),
  flag('tag', 'record', '<key=value>', 'Note this in the manifest; may be repeated.', { item: 'text' }),
  flag('format', 'choice', '<parquet|csv|ndjson>', 'What the parts are written as.', {
    choices: ['parquet', 'csv', 'ndjson'],
    fallback: 'parquet',
  }),
  flag('full', 'switch', '', 'Read from the start, whatever was read before.'),
]

/** Flag of what asks questions. */
export const ASKING: readonly Flag[] = [flag('yes', 'switch', '', 'Ask nothing; take the suggestions.')]

/** Every name that this program uses itself, so that no source's flag takes it. */
export const TAKEN: ReadonlySet<string> = new Set([
  ...[...EVERYWHERE, ...READING, ...WRITING, ...ASKING].map((item) => item.name),
  'help',
  'version',
  'option',
])

/** The common flags from the options object that flag values make. */
export function readCommonFlags(values: Readonly<Record<string, unknown>>): CommonFlags {
  const masks = (values['mask'] as readonly string[] | undefined) ?? []
  const off = values['no-mask'] === true
  if (off && masks.length > 0) {
    throw usage('`--mask` and `--no-mask` contradict each other.', 'Use one of the two.')
  }
  const limit = values['limit'] as number | undefined
  if (limit !== undefined && limit < 0)
    throw usage('`--limit` needs a whole number from 0.', 'Correct the flag.')
  const dataset = values['dataset'] as string | undefined
  const format = values['format'] as CommonFlags['format']
  return {
    root: (values['root'] as string | undefined) ?? '.',
    rootGiven: values['root'] !== undefined,
    rootOptions: (values['root-options'] as Record<string, unknown> | undefined) ?? {},
    output: (values['output'] as Output | undefined) ?? 'text',
    quiet: values['quiet'] === true,
    yes: values['yes'] === true,
    tags: (values['tag'] as Record<string, string> | undefined) ?? {},
    masks: masks.map(readMask),
    mask: !off,
    full: values['full'] === true,
    streams: (values['stream'] as readonly string[] | undefined) ?? [],
    ...(dataset === undefined ? {} : { dataset }),
    ...(format === undefined ? {} : { format }),
    ...(limit === undefined ? {} : { limit }),
  }
}

/** `note:redact` as a column and its action; the column's own name may hold colons. */
export function readMask(text: string): CommonFlags['masks'][number] {
  const at = text.lastIndexOf(':')
  const action = ACTIONS.find((name) => name === text.slice(at + 1))
  if (at > 0 && action !== undefined) return { column: text.slice(0, at), action }
  throw usage(
    '`--mask` needs column:action.',
    `Actions are ${ACTIONS.join(', ')}, as in \`--mask note:redact\`.`,
  )
}

function usage(why: string, fix: string): Error {
  return fault({ kind: 'config', code: 'cli.flag-value', why, fix })
}
