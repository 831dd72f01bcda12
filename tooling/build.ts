// Builds every package through turbo's cache, and is silent unless something fails.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const args = ['run', 'build', '--output-logs=errors-only', ...process.argv.slice(2)]
const run = spawnSync(fileURLToPath(new URL('../node_modules/.bin/turbo', import.meta.url)), args, {
  cwd: root,
  encoding: 'utf8',
  env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' },
})
if (run.status !== 0) process.stderr.write(`${run.stdout}${run.stderr}${run.error?.message ?? ''}\n`)
process.exit(run.status ?? 1)
