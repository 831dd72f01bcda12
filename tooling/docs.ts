// Writes the generated parts of the READMEs from the code: the option table of each source and storage, the source
// matrix and the list of storages. `node tooling/docs.ts` rewrites them, `--check` says which are stale.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

interface Property {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Property[]
  readonly description?: string
  readonly default?: unknown
}
interface Described {
  readonly name: string
  readonly summary: string
  readonly schemes?: readonly string[]
  readonly secrets?: readonly string[]
  readonly options: {
    readonly '~standard': {
      readonly jsonSchema: {
        input(o: { target: string }): { properties?: Record<string, Property>; required?: string[] }
      }
    }
  }
}

interface Source extends Described {
  readonly locator: string
  readonly capabilities: Readonly<Record<string, boolean | undefined>>
}

const CAPABILITIES = [
  'replay',
  'positions',
  'versions',
  'splits',
  'ack',
  'check',
  'restart',
  'unbounded',
  'changes',
] as const

/** Files whose generated part is not what the code says; rewrites them unless `check`. */
export async function generateDocs(check: boolean): Promise<string[]> {
  const stale: string[] = []
  const sources = await findAll('source-', (value) => (value as { readonly source?: Source }).source)
  const storages = await findAll('storage-', (value) =>
    'schemes' in value ? (value as Described) : undefined,
  )
  for (const { folder, found } of [...sources, ...storages]) {
    const path = join(root, 'packages', folder, 'README.md')
    if (replacePart(path, 'options', optionTable(found), check)) stale.push(relative(root, path))
  }
  const readme = join(root, 'README.md')
  const parts = {
    sources: matrix(sources.map(({ found }) => found)),
    storages: storageTable(storages.map(({ found }) => found)),
  }
  for (const [name, text] of Object.entries(parts)) {
    if (replacePart(readme, name, text, check)) stale.push('README.md')
  }
  return stale
}

/** What the packages of this kind export. */
async function findAll<Found>(
  prefix: string,
  pick: (exported: object) => Found | undefined,
): Promise<{ readonly folder: string; readonly found: Found }[]> {
  const all: { readonly folder: string; readonly found: Found }[] = []
  for (const folder of readdirSync(join(root, 'packages')).filter((name) => name.startsWith(prefix))) {
    const entry = join(root, 'packages', folder, 'dist', 'index.js')
    const exported = (await import(pathToFileURL(entry).href)) as Record<string, object>
    const found = Object.values(exported)
      .map(pick)
      .find((value) => value !== undefined)
    if (found) all.push({ folder, found })
  }
  return all
}

function storageTable(storages: readonly Described[]): string {
  const rows = storages.map(({ name, summary, schemes = [] }) => {
    const addresses = schemes.map((scheme) => `\`${scheme}://\``).join(', ')
    return `| [\`${name}\`](packages/storage-${name}) | ${addresses} | ${summary} |`
  })
  return ['| storage | addresses | |', '|---|---|---|', ...rows].join('\n')
}

function optionTable({ options, locator, secrets = [] }: Described & { readonly locator?: string }): string {
  const { properties = {}, required = [] } = options['~standard'].jsonSchema.input({
    target: 'draft-2020-12',
  })
  const rows = Object.entries(properties).map(([name, property]) => {
    const marks = [
      name === locator ? 'the locator' : '',
      required.includes(name) && name !== locator ? 'required' : '',
      secrets.some((path) => path.split('.')[0] === name) ? 'secret' : '',
    ].filter((mark) => mark !== '')
    const fallback = property.default === undefined ? '' : `\`${JSON.stringify(property.default)}\``
    const text = `${property.description ?? ''}${marks.length > 0 ? ` (${marks.join(', ')})` : ''}`
    return `| \`${name}\` | ${typeOf(property)} | ${fallback} | ${text.replaceAll('|', '\\|')} |`
  })
  return ['| option | type | default | |', '|---|---|---|---|', ...rows].join('\n')
}

function typeOf(property: Property): string {
  if (property.enum) return property.enum.map((value) => `\`${String(value)}\``).join(', ')
  if (property.anyOf) return property.anyOf.map(typeOf).join(' or ')
  return (
    {
      string: 'text',
      integer: 'integer',
      number: 'number',
      boolean: 'yes or no',
      array: 'list',
      object: 'record',
    }[property.type ?? ''] ?? 'any'
  )
}

function matrix(sources: readonly Source[]): string {
  const rows = sources.map((source) => {
    const can = CAPABILITIES.map((name) => (source.capabilities[name] ? '✓' : ''))
    return `| [\`${source.name}\`](packages/source-${source.name}) | ${source.summary} | ${can.join(' | ')} |`
  })
  return [
    `| source | | ${CAPABILITIES.join(' | ')} |`,
    `|---|---|${CAPABILITIES.map(() => ':-:|').join('')}`,
    ...rows,
  ].join('\n')
}

/** True when the part between the two markers was not what it should be. */
function replacePart(path: string, name: string, text: string, check: boolean): boolean {
  if (!existsSync(path)) return true
  const before = readFileSync(path, 'utf8')
  const pattern = new RegExp(`(<!-- ${name} -->\\n)[\\s\\S]*?(<!-- /${name} -->)`)
  if (!pattern.test(before)) return true
  const after = before.replace(pattern, (_, open: string, close: string) => `${open}${text}\n${close}`)
  if (after === before) return false
  if (!check) writeFileSync(path, after)
  return true
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const check = process.argv.includes('--check')
  for (const path of await generateDocs(check)) {
    console.log(`${check ? 'stale' : 'written'}: ${path}`)
    if (check) process.exitCode = 1
  }
}
