import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createCollector, defineSource, isCollector, isSource } from './define.ts'
import { causeOf, fault, isFault } from './fault.ts'
import type { StandardSchemaV1 } from './standard.ts'

const options: StandardSchemaV1<unknown, { path: string; rows: number }> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) => {
      const { path, rows = 1 } = value as { path?: unknown; rows?: unknown }
      const issues = []
      if (typeof path !== 'string') issues.push({ message: 'must be text', path: ['path'] })
      if (typeof rows !== 'number') issues.push({ message: 'must be a number', path: [{ key: 'rows' }] })
      return issues.length > 0 ? { issues } : { value: { path: path as string, rows: rows as number } }
    },
  },
}

const lines = defineSource({
  name: 'lines',
  summary: 'Lines.',
  locator: 'path',
  options,
  capabilities: {},
  describe: ({ path }) => ({ label: `lines:${path}`, dataset: path }),
  open: () => ({ discover: async () => [], async *read() {} }),
})

describe('defineSource', () => {
  it('fills the locator, with or without further options', () => {
    expect(lines('a').options).toEqual({ path: 'a', rows: 1 })
    expect(lines('a', { rows: 2 }).options).toEqual({ path: 'a', rows: 2 })
    expect(lines({ path: 'b', rows: 3 })).toMatchObject({ label: 'lines:b', dataset: 'b' })
  })

  it('lists every wrong option with its path', () => {
    const wrong = (): unknown => createCollector(lines.source, { rows: 'x' })
    expect(wrong).toThrowError(/path: must be text; rows: must be a number/)
    try {
      wrong()
    } catch (error) {
      expect(isFault(error) && [error.kind, error.code]).toEqual(['config', 'lines.options'])
    }
  })

  it('is recognised by brand, and cannot be changed', () => {
    expect(isSource(lines.source)).toBe(true)
    expect(isCollector(lines('a'))).toBe(true)
    expect(isCollector({ ...lines.source })).toBe(false)
    expect(Object.isFrozen(lines.source)).toBe(true)
  })
})

describe('fault', () => {
  const init = { code: 'x.y', why: 'Why.', fix: 'Fix.' } as const

  it('is retryable by kind alone', () => {
    expect(fault({ ...init, kind: 'unavailable' }).retryable).toBe(true)
    expect(fault({ ...init, kind: 'throttled' }).retryable).toBe(true)
    for (const kind of [
      'config',
      'auth',
      'missing',
      'data',
      'position',
      'unsupported',
      'aborted',
      'bug',
    ] as const) {
      expect(fault({ ...init, kind }).retryable).toBe(false)
    }
  })

  it('shows its cause neither when printed nor as JSON', () => {
    const error = fault({ ...init, kind: 'data', cause: new Error('joe@example.com') })
    expect(causeOf(error)).toBeInstanceOf(Error)
    expect(inspect(error, { depth: 5 })).not.toContain('joe@')
    expect(JSON.stringify(error)).not.toContain('joe@')
  })
})
