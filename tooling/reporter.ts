import { readFileSync } from 'node:fs'
import type { Reporter, SerializedError, TestModule } from 'vitest/node'

/**
 * Ends a run with the servers that were found, why each test was skipped, and one plain line:
 * `N passed, N failed, N skipped`. A file that does not load counts as a failure, and so does a run without tests.
 */
export function closingReporter(serverFile: string, print: (line: string) => void): Reporter {
  return {
    onTestRunEnd(modules, errors) {
      const counts = countTests(modules, errors)
      printServers(serverFile, print)
      printSkips(counts.skips, print)
      print(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
    },
  }
}

interface Counts {
  passed: number
  failed: number
  skipped: number
  /** Reason to the names of the tests it skipped. */
  readonly skips: Map<string, string[]>
}

function countTests(modules: readonly TestModule[], errors: readonly SerializedError[]): Counts {
  const counts: Counts = { passed: 0, failed: errors.length, skipped: 0, skips: new Map() }
  for (const module of modules) {
    let failedTests = 0
    for (const test of module.children.allTests()) {
      const result = test.result()
      if (result.state === 'passed') counts.passed++
      else if (result.state === 'failed') failedTests++
      else {
        counts.skipped++
        const reason = (result.state === 'skipped' && result.note) || 'no reason given'
        counts.skips.set(reason, [...(counts.skips.get(reason) ?? []), test.fullName])
      }
    }
    counts.failed += failedTests
    // The file itself failed to load, or a hook did.
    if (failedTests === 0 && module.state() === 'failed') counts.failed++
  }
  if (counts.passed + counts.failed === 0) counts.failed = 1
  return counts
}

function printSkips(skips: ReadonlyMap<string, readonly string[]>, print: (line: string) => void): void {
  if (skips.size > 0) print('\nSkipped')
  for (const [reason, tests] of skips) {
    print(`  ${reason} (${tests.length})`)
    for (const test of tests.slice(0, 3)) print(`    ${test}`)
    if (tests.length > 3) print(`    and ${tests.length - 3} more`)
  }
}

/** Lines that the test kit wrote, one a server: name, provider, version, fidelity, or why there is none. */
function printServers(file: string, print: (line: string) => void): void {
  let text = ''
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return
  }
  const lines = new Set(text.split('\n').filter((line) => line !== ''))
  if (lines.size > 0) print('\nServers')
  for (const line of lines) print(`  ${Object.values(JSON.parse(line) as Record<string, string>).join('  ')}`)
}
