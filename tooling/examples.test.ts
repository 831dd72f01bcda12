import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

it('the library example runs as written', () => {
  const root = mkdtempSync(join(tmpdir(), 'omni-example-'))
  const script = fileURLToPath(new URL('../examples/library/collect.ts', import.meta.url))
  const printed = execFileSync(process.execPath, [script, root], { encoding: 'utf8' })
  rmSync(root, { recursive: true })
  expect(printed).toMatch(/^2 [0-9a-f]{64} /)
  expect(printed).toContain("{ id: '007', name: 'Ann', email: '[EMAIL]' }")
  expect(printed).toMatch(/price_table 2\n$/)
})
