// Runs every package's tests; the last line says how many passed, failed and were skipped.
// Arguments are handed to vitest as filters: `pnpm test packages/arrow`.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startVitest } from 'vitest/node'
import { closingReporter } from './reporter.ts'

const scratch = mkdtempSync(join(tmpdir(), 'omni-test-'))
const serverFile = join(scratch, 'servers.ndjson')
process.env['OMNI_TEST_SERVERS'] = serverFile

let closing = ''
const vitest = await startVitest('test', process.argv.slice(2), {
  root: fileURLToPath(new URL('..', import.meta.url)),
  watch: false,
  reporters: [
    'default',
    closingReporter(serverFile, (line) => {
      closing += `${line}\n`
    }),
  ],
})
await vitest.close()
rmSync(scratch, { recursive: true, force: true })
// Last of all, after the default reporter's own summary.
process.stdout.write(closing || '\n0 passed, 1 failed, 0 skipped\n')
const failed = /(\d+) failed, \d+ skipped\n$/.exec(closing)?.[1]
process.exit(failed === '0' ? (process.exitCode ?? 0) : 1)
