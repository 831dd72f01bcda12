import { expect, it } from 'vitest'
import { findRoute } from './route.ts'

const brief = (line: string) => {
  const route = findRoute(line.split(' ').filter((word) => word !== ''))
  return route && [route.command.name, route.target, route.rest.join(' '), route.wantsHelp]
}

it.each([
  ['file users.csv', ['collect', 'file', 'users.csv', false]],
  ['--root out file users.csv --limit 5', ['collect', 'file', '--root out users.csv --limit 5', false]],
  ['--quiet rest https://h --output json', ['collect', 'rest', '--quiet https://h --output json', false]],
  ['postgresql://h/db --query x', ['collect', 'postgresql://h/db', '--query x', false]],
  ['plan file a.csv', ['plan', 'file', 'a.csv', false]],
  ['plan', ['plan', undefined, '', false]],
  ['--output json ls', ['ls', undefined, '--output json', false]],
  ['ls users --root x', ['ls', undefined, 'users --root x', false]],
  ['help ls', ['ls', undefined, '--help', true]],
  ['file --help', ['collect', 'file', '--help', true]],
  ['collect file ls', ['collect', 'file', 'ls', false]],
])('%s', (line, expected) => {
  expect(brief(line)).toEqual(expected)
})

it.each(['', '--help', '--output json', 'help'])('has no route for "%s"', (line) => {
  expect(brief(line)).toBeUndefined()
})
