// Runs every package's tests and ends with one plain line: N passed, N failed, N skipped.
// Arguments are handed to vitest: `pnpm test packages/arrow`.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

interface Assertion {
  readonly status: string
  readonly fullName: string
  readonly meta?: { readonly skipped?: string }
}
interface Report {
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly message: string
    readonly assertionResults: readonly Assertion[]
  }[]
}

const root = fileURLToPath(new URL('..', import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), 'omni-test-'))
const json = join(scratch, 'report.json')
const skipFile = join(scratch, 'skips.ndjson')
const serverFile = join(scratch, 'servers.ndjson')

const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
const args = [
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${json}`,
  ...process.argv.slice(2),
]
const child = spawn(process.execPath, [vitest, ...args], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, OMNI_TEST_SKIPS: skipFile, OMNI_TEST_SERVERS: serverFile },
})
const code = await new Promise<number>((resolve) => child.on('close', (status) => resolve(status ?? 1)))
process.exitCode = summarize() ? code || 1 : code
rmSync(scratch, { recursive: true, force: true })

/** Prints servers, skips with their reasons, and the closing line; true when something failed. */
function summarize(): boolean {
  let report: Report
  try {
    report = JSON.parse(readFileSync(json, 'utf8')) as Report
  } catch {
    console.log('0 passed, 1 failed, 0 skipped')
    return true
  }
  const counts = { passed: 0, failed: 0, skipped: 0 }
  const reasons = new Map(lines(skipFile).map((line) => [line['test'], line['reason']]))
  const skips = new Map<string, string[]>()
  for (const file of report.testResults) {
    // A file that does not load runs no assertion, and must still count.
    if (file.status === 'failed' && !file.assertionResults.some((a) => a.status === 'failed')) counts.failed++
    for (const test of file.assertionResults) {
      if (test.status === 'passed') counts.passed++
      else if (test.status === 'failed') counts.failed++
      else {
        counts.skipped++
        const reason = reasons.get(test.fullName) ?? test.meta?.skipped ?? 'no reason given'
        skips.set(reason, [...(skips.get(reason) ?? []), `${file.name.slice(root.length)}: ${test.fullName}`])
      }
    }
  }
  const servers = lines(serverFile)
  if (servers.length > 0) {
    console.log('\nServers')
    for (const server of servers) console.log(`  ${Object.values(server).join('  ')}`)
  }
  if (skips.size > 0) {
    console.log('\nSkipped')
    for (const [reason, tests] of skips) {
      console.log(`  ${reason} (${tests.length})`)
      for (const test of tests.slice(0, 3)) console.log(`    ${test}`)
      if (tests.length > 3) console.log(`    … and ${tests.length - 3} more`)
    }
  }
  console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
  return counts.failed > 0 || counts.passed === 0
}

function lines(path: string): Record<string, string>[] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, string>)
  } catch {
    return []
  }
}
