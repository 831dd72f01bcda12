import { EXIT, type ExitCode } from '../exit.ts'
import { TAKEN } from '../flags/common.ts'
import { type Flag, flagsOfSource, isLocator, jsonSchemaOf } from '../flags/from-schema.ts'
import { type Out, printLines } from '../io.ts'
import { type DeclaredPackage, findSources } from '../sources/declared.ts'
import { installCommand } from '../sources/install.ts'
import { importSource, loadSource } from '../sources/load.ts'
import { importStorage } from '../sources/storages.ts'
import { printJson } from '../view/json.ts'
import { formatTable } from '../view/table.ts'
import { wrap } from '../view/theme.ts'
import type { Invocation } from './invocation.ts'

/** `omni-collect sources [name]`. */
export async function run(call: Invocation): Promise<ExitCode> {
  const [name] = call.operands
  return name === undefined ? listSources(call) : showSource(name, call)
}

async function listSources({ io, flags }: Invocation): Promise<ExitCode> {
  const { sources, storages, origin } = findSources(io.cwd)
  const all = [...sources, ...storages]
  if (flags.output !== 'text') {
    const plain = all.map(({ kind, name, packageName, version, summary, folder }) => ({
      kind,
      name,
      package: packageName,
      version,
      summary,
      folder,
    }))
    printJson(io.stdout, flags.output, plain)
    return EXIT.done
  }
  if (sources.length === 0) {
    printLines(io.stdout, [`No source is installed. ${installCommand('@omni/source-file', io.cwd)}`])
    return EXIT.done
  }
  const { theme } = io.stdout
  const rows = all.map((one) => [
    one.kind === 'source' ? one.name : `${one.name} (storage)`,
    one.version,
    one.packageName,
    one.summary,
  ])
  printLines(
    io.stdout,
    formatTable(
      [
        { title: 'source', style: theme.accent },
        { title: 'version' },
        { title: 'package', min: 12 },
        { title: 'summary', min: 20 },
      ],
      rows,
      io.stdout.columns,
      theme,
    ),
  )
  if (!flags.quiet && io.stdout.isTerminal) {
    const place = origin === 'project' ? placesOf(all) : 'this program'
    printLines(io.stdout, ['', theme.dim(`Declared by ${place}. Options: omni-collect sources <name>`)])
  }
  return EXIT.done
}

function placesOf(sources: readonly DeclaredPackage[]): string {
  return [...new Set(sources.map((source) => source.declaredIn))].join(', ')
}

async function showSource(name: string, { io, flags }: Invocation): Promise<ExitCode> {
  const { sources, storages } = findSources(io.cwd)
  const declared = sources.find((source) => source.name === name)
  const storage = declared === undefined ? storages.find((one) => one.name === name) : undefined
  if (storage !== undefined) return await showStorage(storage, { io, flags })
  const loaded = declared === undefined ? await loadSource(name, io.cwd) : await importSource(declared)
  const { source } = loaded
  if (flags.output !== 'text') {
    printJson(io.stdout, flags.output, {
      name: source.name,
      package: loaded.declared.packageName,
      version: loaded.declared.version,
      summary: source.summary,
      schemes: source.schemes ?? [],
      locator: source.locator,
      capabilities: Object.keys(source.capabilities),
      secrets: source.secrets ?? [],
      options: jsonSchemaOf(source) ?? null,
    })
    return EXIT.done
  }
  const { theme } = io.stdout
  const options = flagsOfSource(source, TAKEN)
  const locator = options.find((flag) => isLocator(flag, source))
  printLines(io.stdout, [
    `${theme.strong(source.name)}  ${source.summary}`,
    '',
    `package  ${loaded.declared.packageName} ${loaded.declared.version}`,
    `locator  <${source.locator}>${locator === undefined ? '' : `  ${locator.description}`}`,
    `schemes  ${source.schemes?.map((scheme) => `${scheme}:`).join(' ') || 'none'}`,
    `can      ${Object.keys(source.capabilities).join(', ') || 'read'}`,
    '',
    ...options
      .filter((flag) => flag !== locator)
      .flatMap((flag) => optionLines(flag, source.secrets ?? [], io.stdout)),
  ])
  return EXIT.done
}

async function showStorage(
  declared: DeclaredPackage,
  { io, flags }: Pick<Invocation, 'io' | 'flags'>,
): Promise<ExitCode> {
  const { storage } = await importStorage(declared)
  const { name, summary, schemes, secrets = [] } = storage
  const optioned = { ...storage, locator: '' }
  if (flags.output !== 'text') {
    printJson(io.stdout, flags.output, {
      kind: 'storage',
      name,
      package: declared.packageName,
      version: declared.version,
      summary,
      schemes,
      secrets,
      options: jsonSchemaOf(optioned) ?? null,
    })
    return EXIT.done
  }
  const { theme } = io.stdout
  // Of a storage, an option is no flag of its own: it is a word after --storage-options or --root-options.
  const options = flagsOfSource(optioned, new Set()).map((flag) => ({ ...flag, name: flag.path.join('.') }))
  printLines(io.stdout, [
    `${theme.strong(name)}  ${summary}`,
    '',
    `package  ${declared.packageName} ${declared.version}`,
    `schemes  ${schemes.map((scheme) => `${scheme}:`).join(' ')}`,
    `use      --storage-options <k=v> to read, --root-options <k=v> for --root`,
    '',
    ...options.flatMap((flag) =>
      optionLines(flag, secrets, io.stdout, `${flag.name}=${flag.placeholder || '<true|false>'}`),
    ),
  ])
  return EXIT.done
}

function optionLines(
  flag: Flag,
  secrets: readonly string[],
  out: Out,
  written: string = `--${flag.name} ${flag.placeholder}`.trim(),
): string[] {
  const { accent, dim, warn } = out.theme
  const path = flag.path.join('.')
  const isSecret = secrets.some((secret) => secret === path || secret.startsWith(`${path}.`))
  const facts = [
    flag.name === path ? '' : dim(path),
    flag.required === true ? 'required' : '',
    flag.fallback === undefined || flag.fallback === '' ? '' : dim(`default ${flag.fallback}`),
    isSecret ? warn('secret') : '',
  ].filter((fact) => fact !== '')
  const text = wrap(flag.description, Math.min(out.columns, 110) - 4)
  return [
    `${accent(written)}${facts.length > 0 ? `  ${facts.join(' · ')}` : ''}`,
    ...text.map((line) => `    ${line}`),
  ]
}
