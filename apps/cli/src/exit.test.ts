import { fault } from '@omni/spec'
import { expect, it } from 'vitest'
import { exitCodeOf, reportFailure, toFault } from './exit.ts'
import type { Io, Out } from './io.ts'
import { createTheme } from './view/theme.ts'

function capture(): { io: Io; text: () => string } {
  let text = ''
  const out: Out = {
    write(more) {
      text += more
    },
    isTerminal: false,
    columns: 80,
    theme: createTheme(false),
  }
  return {
    io: { stdout: out, stderr: out, isInteractive: false, env: {}, cwd: '/', now: Date.now },
    text: () => text,
  }
}

it.each([
  ['bug', 1],
  ['aborted', 3],
  ['config', 2],
  ['auth', 2],
  ['missing', 2],
  ['unavailable', 2],
  ['throttled', 2],
  ['data', 2],
  ['position', 2],
  ['unsupported', 2],
] as const)('a fault of kind %s ends with %i', (kind, code) => {
  expect(exitCodeOf(kind)).toBe(code)
})

it('shows why, fix and code, on lines of their own, without control characters', () => {
  const { io, text } = capture()
  const error = fault({
    kind: 'missing',
    code: 'file.missing',
    why: 'No \u001b[31mfile.',
    fix: 'Look.',
    cause: Error('s3cret'),
  })
  expect(reportFailure(error, io, false)).toBe(2)
  expect(text()).toBe('error  No ·[31mfile.\n  fix  Look.\n code  file.missing\n')
})

it('writes one JSON object for a program', () => {
  const { io, text } = capture()
  reportFailure(fault({ kind: 'data', code: 'a.b', why: 'W.', fix: 'F.' }), io, true)
  expect(JSON.parse(text())).toEqual({ error: { kind: 'data', code: 'a.b', why: 'W.', fix: 'F.' } })
})

it('does not show the message of an unclassified error, which may quote data', () => {
  const { io, text } = capture()
  expect(reportFailure(new TypeError('anna@example.org'), io, false)).toBe(1)
  expect(text()).not.toMatch(/anna|\n\s+at /)
  expect(text()).toContain('TypeError')
})

it.each([
  ['ENOSPC', 'unavailable'],
  ['EROFS', 'auth'],
  ['EACCES', 'auth'],
  ['ESOMETHING', 'bug'],
])('classifies the system error %s as %s', (code, kind) => {
  expect(toFault(Object.assign(new Error('x'), { code })).kind).toBe(kind)
})
