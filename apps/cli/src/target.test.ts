// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these marks are what a person writes
import type { Collector, Source } from '@omni/core'
import { expect, it } from 'vitest'
import type { Io, Out } from './io.ts'
import { configureTarget, type Target } from './target.ts'
import { createTheme } from './view/theme.ts'

function configure(options: Record<string, unknown>, operands: string[], locator?: string) {
  let text = ''
  const out: Out = {
    write(more) {
      text += more
    },
    isTerminal: false,
    columns: 80,
    theme: createTheme(false),
  }
  const io: Io = {
    stdout: out,
    stderr: out,
    isInteractive: false,
    env: { T: 'tok' },
    cwd: '/',
    now: Date.now,
  }
  const source = {
    name: 'api',
    locator: 'url',
    secrets: ['token', 'headers.*', 'params.*'],
  } as unknown as Source
  let input: object = {}
  const target: Target = {
    loaded: {
      declared: {
        name: 'api',
        packageName: 'x',
        version: '1',
        summary: '',
        spec: 1,
        folder: '',
        declaredIn: '',
      },
      source,
      configure(given) {
        input = given
        return {} as Collector
      },
    },
    ...(locator === undefined ? {} : { locator }),
  }
  configureTarget(target, operands, options, io)
  return { input, text }
}

it('fills the locator and the variables', () => {
  const { input, text } = configure({ token: '${env:T}', headers: { Authorization: 'Bearer ${env:T}' } }, [
    'https://h/',
  ])
  expect(input).toEqual({ url: 'https://h/', token: 'tok', headers: { Authorization: 'Bearer tok' } })
  expect(text).toBe('')
})

it('warns of a secret on the command line by its name, and of nothing else', () => {
  const { text } = configure(
    { token: 'abc', headers: { 'X-Api-Key': 'def', Accept: 'json' }, params: { q: 'x' } },
    ['u'],
  )
  expect(text.split('\n').filter((line) => line.includes('warning'))).toHaveLength(2)
  expect(text).toMatch(/`token`[\s\S]*`headers\.X-Api-Key`/)
  expect(text).not.toMatch(/abc|def/)
})

it('needs the locator once', () => {
  expect(() => configure({}, [])).toThrowError(expect.objectContaining({ code: 'cli.locator-missing' }))
  expect(() => configure({ url: 'a' }, ['b'])).toThrowError(
    expect.objectContaining({ code: 'cli.locator-twice' }),
  )
  expect(configure({}, [], 'https://h/').input).toEqual({ url: 'https://h/' })
})
