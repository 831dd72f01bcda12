import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { findViolations } from './boundaries.ts'
import { CHECKS, runCheck } from './check.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

describe('the code', () => {
  for (const check of CHECKS) {
    it(`passes ${check.name}`, { timeout: 120_000 }, () => {
      expect(runCheck(check) ?? '').toBe('')
    })
  }
})

describe('the checks find what they are for', () => {
  const folder = join(root, 'packages', 'spec', 'src', 'saboteur')
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  const plant = (text: string): void => {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'saboteur.ts'), text)
  }

  it('a forbidden import', () => {
    plant(`import { OmniCollector } from '@omni/core'\nexport const x: unknown = OmniCollector\n`)
    expect(findViolations().join()).toMatch(/saboteur\.ts: imports @omni\/core/)
  })

  it('a library that belongs to another package', () => {
    plant(`export const x: unknown = await import('apache-arrow')\n`)
    expect(findViolations().join()).toMatch(/only @omni\/arrow may import apache-arrow/)
  })

  it('a floating promise', { timeout: 60_000 }, () => {
    plant('export async function f(): Promise<void> {}\nexport function g(): void {\n  f()\n}\n')
    const check = CHECKS.find(({ name }) => name.startsWith('floating'))
    expect(check && runCheck(check)).toMatch(/no-floating-promises/)
  })
})
