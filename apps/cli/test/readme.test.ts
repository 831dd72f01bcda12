import { readFileSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { COMMANDS } from '../src/commands/table.ts'
import { ASKING, EVERYWHERE, READING, WRITING } from '../src/flags/common.ts'

const README = new URL('../README.md', import.meta.url)
const SECTION = /(<!-- generated [^>]*-->\n)[\s\S]*(<!-- \/generated -->)/

it('lists every command and flag in the README', () => {
  const text = readFileSync(README, 'utf8')
  const fresh = text.replace(SECTION, (_all, start: string, end: string) => `${start}${reference()}${end}`)
  if (process.env['OMNI_UPDATE'] === '1') writeFileSync(README, fresh)
  else expect(unpadded(text), 'stale: run it with OMNI_UPDATE=1').toBe(unpadded(fresh))
  expect(text).toMatch(SECTION)
})

/** The formatter pads the cells of tables. */
function unpadded(text: string): string {
  return text.replace(/ +/g, ' ').replace(/-{3,}/g, '---')
}

function reference(): string {
  const cell = (value: string): string => value.replaceAll('|', '\\|')
  const commands = COMMANDS.map((command) => {
    const call = command.name === 'collect' ? command.operands : `${command.name} ${command.operands}`
    return `| \`${cell(call.trim())}\` | ${cell(command.summary)} |`
  })
  const groups = [
    ['all', EVERYWHERE],
    ['what reads a source', READING],
    ['what writes a snapshot', WRITING],
    ['`init`', ASKING],
  ] as const
  const flags = groups.flatMap(([where, list]) =>
    list.map((flag) => {
      const written = `--${flag.name} ${flag.placeholder}`.trim()
      return `| \`${cell(written)}\` | ${where} | ${flag.fallback ?? ''} | ${cell(flag.description)} |`
    }),
  )
  return [
    '| command | |',
    '| --- | --- |',
    ...commands,
    '',
    'A source brings its own flags, made from its options: `omni-collect <source> --help`. One whose name is taken gets',
    "the source's name in front, as in `--file-format`. A source that cannot say its options as JSON Schema takes",
    '`--option key=value`. Plan, check, discover and preview take a name in the configuration too.',
    '',
    '| flag | for | default | |',
    '| --- | --- | --- | --- |',
    ...flags,
    '',
  ].join('\n')
}
