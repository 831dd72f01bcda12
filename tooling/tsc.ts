// Compiles the package in the current folder. TypeScript 7 is called by path: its package and the
// TypeScript 6 that other tools need both claim the name `tsc`.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const tsc = fileURLToPath(new URL('../node_modules/@typescript/native/bin/tsc', import.meta.url))
const run = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.json'], { stdio: 'inherit' })
process.exit(run.status ?? 1)
