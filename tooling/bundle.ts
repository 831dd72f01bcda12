// Bundles the package in the current folder into dist (docs/decisions/0012): each way in, and what is loaded only when
// it is needed, becomes one file, because a start from hundreds of small files costs more than the work of a tiny run.
import { cpSync, existsSync, globSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { type Plugin, rolldown } from 'rolldown'

/** Libraries that are taken in: of zod, a source needs a tenth, and its index loads fifty languages. */
const INLINE: readonly string[] = ['zod']

const folder = process.cwd()
const src = join(folder, 'src')
const dist = join(folder, 'dist')

/** Files that others load by their path: what the package exports, what its program starts, and its threads. */
function findEntries(): string[] {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly exports: Readonly<Record<string, string | { readonly default: string }>>
  }
  const exported = Object.values(manifest.exports)
    .map((target) => (typeof target === 'string' ? target : target.default))
    .filter((target) => target.endsWith('.js'))
    .map((target) => relative('dist', target).replace(/\.js$/, '.ts'))
  const started = ['main.ts', ...globSync('**/worker.ts', { cwd: src })].filter((file) =>
    existsSync(join(src, file)),
  )
  return [...new Set([...exported, ...started])]
}

const HERE = /\bimport\.meta\.url\b/g
const PLACE = /__OMNI_PLACE__\("([^"]+)"\)/g

/** A module finds its neighbours by where it would lie without bundling, whichever file it ends up in. */
const keepPlaces: Plugin = {
  name: 'keep-places',
  transform(code, id) {
    if (!id.startsWith(src + sep) || !HERE.test(code)) return undefined
    const place = relative(src, id).split(sep).join('/').replace(/\.ts$/, '.js')
    return { code: code.replace(HERE, `__OMNI_PLACE__(${JSON.stringify(place)})`) }
  },
  renderChunk(code, { fileName }) {
    if (!code.includes('__OMNI_PLACE__')) return undefined
    return code.replace(PLACE, (_, place: string) => {
      const path = relative(dirname(fileName), place).split(sep).join('/')
      return `new URL(${JSON.stringify(path.startsWith('.') ? path : `./${path}`)}, import.meta.url).href`
    })
  },
}

const isInlined = (id: string): boolean => INLINE.some((name) => id === name || id.startsWith(`${name}/`))
const bundle = await rolldown({
  cwd: folder,
  input: Object.fromEntries(findEntries().map((file) => [file.replace(/\.ts$/, ''), join(src, file)])),
  platform: 'node',
  // Anything else is a dependency that an installation brings.
  external: (id, importer) =>
    !/^[./]/.test(id) &&
    !isInlined(id) &&
    importer !== undefined &&
    !importer.includes(`${sep}node_modules${sep}`),
  plugins: [keepPlaces],
})
for (const file of globSync('**/*.js', { cwd: dist })) rmSync(join(dist, file))
const { output } = await bundle.write({
  dir: dist,
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: 'chunks/[name]-[hash].js',
})
await bundle.close()

// Their licences ask to go with every copy.
for (const name of INLINE) {
  const home = join(folder, 'node_modules', name)
  const isThere = output.some(
    (file) =>
      file.type === 'chunk' &&
      file.moduleIds.some((id) => id.includes(`${sep}node_modules${sep}${name}${sep}`)),
  )
  if (isThere) cpSync(join(home, 'LICENSE'), join(dist, `${name}.LICENSE`))
}
