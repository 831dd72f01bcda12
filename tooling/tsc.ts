// Compiles the package in the current folder: TypeScript checks it and writes its declarations, then it is bundled.
// TypeScript 7 is called by path: its package and the TypeScript 6 that other tools need both claim the name `tsc`.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const tsc = fileURLToPath(new URL('../node_modules/@typescript/native/bin/tsc', import.meta.url))
const run = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.json'], { stdio: 'inherit' })
if (run.status !== 0) process.exit(run.status ?? 1)
await import('./bundle.ts')
