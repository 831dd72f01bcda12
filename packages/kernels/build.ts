// Compiles assembly/ and embeds the result in src/generated, so that the package ships no binary file and
// loads the same way everywhere.
import { mkdirSync, writeFileSync } from 'node:fs'
import asc from 'assemblyscript/asc'

const folder = new URL('.', import.meta.url)
const outputs = new Map<string, string | Uint8Array>()
const { error, stderr } = await asc.main(
  [
    'assembly/index.ts',
    '--outFile',
    'kernels.wasm',
    '-O3',
    '--runtime',
    'stub',
    '--enable',
    'simd',
    '--noAssert',
    '--use',
    'abort=',
    '--baseDir',
    folder.pathname,
  ],
  { writeFile: (name, contents) => void outputs.set(name, contents) },
)
const wasm = outputs.get('kernels.wasm')
if (error || !(wasm instanceof Uint8Array)) {
  process.stderr.write(`${stderr.toString()}\n${error?.message ?? 'No output.'}\n`)
  process.exit(1)
}
mkdirSync(new URL('src/generated/', folder), { recursive: true })
writeFileSync(
  new URL('src/generated/wasm.ts', folder),
  `/** The kernels, ${wasm.length} bytes of WebAssembly. */\nexport const WASM_BASE64: string =\n  '${Buffer.from(wasm).toString('base64')}'\n`,
)
