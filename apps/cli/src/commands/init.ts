// biome-ignore-all lint/suspicious/noTemplateCurlyInString: a person is told to write these marks
import { existsSync } from 'node:fs'
import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { fault } from '@omni/core'
import { findConfig } from '../config/read.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { printLines } from '../io.ts'
import { findSources } from '../sources/declared.ts'
import { printJson } from '../view/json.ts'
import type { Invocation } from './invocation.ts'

interface Answers {
  readonly name: string
  readonly source: string
  readonly locator: string
  readonly ignore: boolean
}

const IGNORED: readonly string[] = ['/data/raw/', '/logs/']
const LOCATORS: Readonly<Record<string, string>> = {
  file: 'users.csv',
  rest: 'https://example.org/api/items',
  mqtt: 'mqtt://localhost:1883',
}

/** `omni-collect init [source] [locator]`: writes omni.config.yaml, and asks what it does not know. */
export async function run(call: Invocation): Promise<ExitCode> {
  const { io, flags } = call
  // The configuration is a file beside the project, also where the snapshots go elsewhere.
  const isRemote = flags.root.includes('://')
  const folder = isRemote ? io.cwd : resolve(io.cwd, flags.root)
  const existing = findConfig(folder)
  if (existing !== undefined) {
    throw fault({
      kind: 'config',
      code: 'init.exists',
      why: `There already is a ${basename(existing)} here.`,
      fix: 'Add to it by hand, or move it away first.',
    })
  }
  const answers = await findAnswers(call, folder)
  const path = join(folder, 'omni.config.yaml')
  await writeFile(path, await configText(answers, isRemote ? flags.root : '.'), { flag: 'wx' })
  const ignored = answers.ignore ? await ignoreOutput(folder) : []
  if (flags.output !== 'text') {
    printJson(io.stdout, flags.output, { config: path, ignored })
    return EXIT.done
  }
  const { accent, good, dim } = io.stdout.theme
  printLines(io.stdout, [
    `${good('wrote')}  ${path}`,
    ...(ignored.length > 0 ? [`${good('wrote')}  .gitignore: ${ignored.join(' ')}`] : []),
    ...(answers.ignore || flags.quiet
      ? []
      : [dim(`To keep data out of git, ignore ${IGNORED.join(' and ')}.`)]),
    '',
    `next   ${accent('omni-collect plan')}  what would be read, masked and written`,
    `       ${accent('omni-collect run')}   do it`,
  ])
  return EXIT.done
}

async function findAnswers({ io, flags, operands }: Invocation, folder: string): Promise<Answers> {
  const sources = findSources(io.cwd).sources.map((source) => source.name)
  const [source = sources.includes('file') ? 'file' : sources[0], locator] = operands
  const isRepository = existsSync(join(folder, '.git'))
  const suggested = source ?? 'file'
  if (operands.length === 2 || flags.yes) {
    const at = locator ?? LOCATORS[suggested] ?? '…'
    return { name: nameFrom(at), source: suggested, locator: at, ignore: isRepository }
  }
  if (!io.isInteractive) {
    throw fault({
      kind: 'config',
      code: 'init.cannot-ask',
      why: 'Nobody can be asked here: this is not a terminal.',
      fix: 'Say it all, as in `omni-collect init file users.csv`, or take the suggestions with `--yes`.',
    })
  }
  return ask(sources, operands[0], isRepository)
}

async function ask(
  sources: readonly string[],
  given: string | undefined,
  isRepository: boolean,
): Promise<Answers> {
  const { confirm, intro, outro, select, text } = await import('@clack/prompts')
  const output = process.stderr
  const answered = <T>(answer: T): Exclude<T, symbol> => {
    if (typeof answer !== 'symbol') return answer as Exclude<T, symbol>
    throw fault({
      kind: 'aborted',
      code: 'init.cancelled',
      why: 'Nothing was written.',
      fix: 'Run it again.',
    })
  }
  const filled = (value: string | undefined): string | undefined =>
    value?.trim() ? undefined : 'Something is needed.'
  intro('A configuration for omni-collect', { output })
  const options = sources.map((name) => ({ value: name, label: name }))
  const source =
    given ??
    (options.length === 0
      ? 'file'
      : answered(await select({ message: 'What do you want to read?', options, output })))
  const message = 'Where is it? Write secrets as ${NAME}: they come from the environment.'
  const placeholder = LOCATORS[source] ?? ''
  const locator = answered(await text({ message, placeholder, defaultValue: placeholder, output }))
  const suggestion = nameFrom(locator)
  const name = answered(
    await text({ message: 'Name of the dataset?', initialValue: suggestion, validate: filled, output }),
  )
  const ignore = isRepository
    ? answered(await confirm({ message: `Keep ${IGNORED.join(' and ')} out of git?`, output }))
    : false
  outro('Done.', { output })
  return { name, source, locator, ignore }
}

/** The last part of a locator without its extension, made of the characters that need no quotes. */
export function nameFrom(locator: string): string {
  const address = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/@]*@)?(.*)$/i.exec(locator)?.[1]
  const parts = (address ?? locator).replace(/[?#].*$/, '').split(/[\\/]/)
  const last = parts.findLast((part) => part !== '') ?? ''
  const isHost = address !== undefined && parts.filter((part) => part !== '').length === 1
  const bare = isHost
    ? last.replace(/:\d+$/, '').replace(/\.[a-z]+$/i, '')
    : last.replace(/(\.[a-z0-9]{1,8})+$/i, '')
  return (
    bare
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '_')
      .replace(/^_+|_+$/g, '') || 'data'
  )
}

async function configText({ name, source, locator }: Answers, root: string): Promise<string> {
  const { stringify } = await import('yaml')
  const entry = stringify({ root, collectors: { [name]: { source, locator } } })
  return `# What \`omni-collect run\` collects. Secrets stay outside: write \${env:NAME} or \${file:path}
# anywhere, and \${NAME} inside a URL.
${entry}    # options: {}           # as \`omni-collect sources ${source}\` lists them
    # masks: { note: redact, id: keep }
    # tags: { sensitivity: internal }
    # format: parquet       # or csv, ndjson
`
}

/** Adds what is not there yet to .gitignore, and says what. */
async function ignoreOutput(folder: string): Promise<string[]> {
  const path = join(folder, '.gitignore')
  const text = existsSync(path) ? await readFile(path, 'utf8') : ''
  const lines = text.split(/\r?\n/).map((line) => line.trim().replace(/^\/|\/$/g, ''))
  const missing = IGNORED.filter((line) => !lines.includes(line.replace(/^\/|\/$/g, '')))
  if (missing.length > 0) {
    await appendFile(path, `${text === '' || text.endsWith('\n') ? '' : '\n'}${missing.join('\n')}\n`)
  }
  return missing
}
