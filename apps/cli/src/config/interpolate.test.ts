// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these marks are what is tested
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { interpolate } from './interpolate.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'omni-cli-'))
  writeFileSync(join(folder, 'secret'), 's3cret\n')
})
afterAll(() => rmSync(folder, { recursive: true }))

const fill = (value: unknown) => interpolate(value, { env: { A: 'one', PW: 'p@ss/w:rd', EMPTY: '' }, folder })

it.each([
  ['${env:A}', 'one'],
  ['x-${env:A}-${env:A}', 'x-one-one'],
  ['${env:EMPTY}', ''],
  ['${file:secret}', 's3cret'],
  ['$${env:A}', '${env:A}'],
  ['${A}', '${A}'],
  ['costs $5', 'costs $5'],
  ['postgresql://u:${PW}@h/db?x=${A}', 'postgresql://u:p%40ss%2Fw%3Ard@h/db?x=one'],
  ['mqtt://h/${A}', 'mqtt://h/one'],
  ['https://u:${file:secret}@h/', 'https://u:s3cret@h/'],
  ['rest://h/{id}', 'rest://h/{id}'],
])('%s becomes %s', (text, result) => {
  expect(fill(text)).toBe(result)
})

it('never reads what it filled in again', () => {
  expect(interpolate('${env:X}', { env: { X: '${env:A}', A: 'one' }, folder })).toBe('${env:A}')
})

it('goes through lists and objects, and leaves other things alone', () => {
  const date = new Date(0)
  expect(fill({ a: ['${env:A}', 1, null, { b: '${env:A}' }], date })).toEqual({
    a: ['one', 1, null, { b: 'one' }],
    date,
  })
})

it.each([
  [
    { collectors: { users: { options: { headers: ['${env:NOPE}'] } } } },
    'config.env-unset',
    'collectors.users.options.headers[0]',
  ],
  [{ dsn: 'x://h/${NOPE}' }, 'config.env-unset', 'NOPE'],
  [{ token: '${file:absent}' }, 'config.file-unreadable', 'token'],
])('says what of %j is not there, and where', (value, code, named) => {
  expect(() => fill(value)).toThrowError(
    expect.objectContaining({ kind: 'config', code, why: expect.stringContaining(named) }),
  )
})
