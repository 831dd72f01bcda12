import { expect, it } from 'vitest'
import { readCommonFlags, readMask } from './common.ts'

it('reads a mask whose column holds colons', () => {
  expect(readMask('a:b:drop')).toEqual({ column: 'a:b', action: 'drop' })
})

it.each(['note', 'note:', ':drop', 'note:shred'])('refuses the mask %s', (text) => {
  expect(() => readMask(text)).toThrowError(expect.objectContaining({ code: 'cli.flag-value' }))
})

it('refuses --mask together with --no-mask', () => {
  expect(() => readCommonFlags({ mask: ['a:drop'], 'no-mask': true })).toThrowError(/contradict/)
  expect(readCommonFlags({ 'no-mask': true }).mask).toBe(false)
  expect(readCommonFlags({}).mask).toBe(true)
})
