import { COMMANDS } from '../commands/table.ts'
import { EVERYWHERE } from '../flags/common.ts'
import type { Io } from '../io.ts'
import { findSources } from '../sources/declared.ts'

/** What `omni-collect` alone says: enough to do the first thing. */
export function firstRun(io: Io): string[] {
  const { strong, accent, dim } = io.stdout.theme
  const names = findSources(io.cwd).sources.map((source) => source.name)
  const example = (command: string, what: string): string => `  ${accent(command.padEnd(53))}${dim(what)}`
  return [
    `${strong('omni-collect')} turns any source into a masked, checksummed, immutable snapshot.`,
    '',
    strong('Try'),
    example('omni-collect file users.csv', 'a file'),
    example('omni-collect rest https://example.org/api/items', 'a JSON API'),
    example("omni-collect mqtt mqtt://localhost --topics 'room/#'", 'sensors'),
    '',
    strong('Then'),
    example('omni-collect ls', 'what has been collected'),
    example('omni-collect show users', 'its columns, masks and files'),
    example('omni-collect verify', 'that nobody changed it since'),
    '',
    strong('Before'),
    example('omni-collect preview file users.csv', 'the first rows, masked; writes nothing'),
    example('omni-collect init', 'write omni.config.yaml; then `omni-collect run`'),
    example('omni-collect doctor', 'check this machine and folder'),
    '',
    'E-mails and phone numbers are masked before anything is written. Snapshots go',
    'below data/raw, one line each into logs/ingest.log; choose the place with --root.',
    '',
    names.length > 0
      ? `Sources installed: ${names.map(accent).join(', ')}. All commands: ${accent('omni-collect --help')}`
      : `No source is installed yet: ${accent('npm install @omni/source-file')}`,
  ]
}

/** The help of the program: every command in one line. */
export function overview(io: Io): string[] {
  const { strong, accent, dim } = io.stdout.theme
  const lines = [
    `${strong('Usage:')} omni-collect <source> <locator> ${dim('[options]')}`,
    `       omni-collect <url> ${dim('[options]')}`,
    `       omni-collect <command> ${dim('[options]')}`,
  ]
  const groups = [...new Set(COMMANDS.map((command) => command.group))]
  for (const group of groups) {
    lines.push('', strong(`${group}:`))
    for (const command of COMMANDS.filter((item) => item.group === group)) {
      const call = command.name === 'collect' ? command.operands : `${command.name} ${command.operands}`
      lines.push(`  ${accent(call.padEnd(29))}${command.summary}`)
    }
  }
  lines.push('', strong('Options of every command:'))
  for (const flag of EVERYWHERE) {
    const note = flag.fallback === undefined ? '' : ` (default: ${flag.fallback})`
    lines.push(`  ${accent(`--${flag.name} ${flag.placeholder}`.padEnd(29))}${flag.description}${note}`)
  }
  lines.push(
    '',
    strong('More:'),
    `  omni-collect <source> --help   ${dim('the options of a source')}`,
    `  omni-collect help <command>    ${dim('the options of a command')}`,
    `  omni-collect --version`,
    '',
    dim('Exit codes: 0 done · 1 bug · 2 you can fix it · 3 stopped · 4 done, with quarantined records'),
  )
  return lines
}
