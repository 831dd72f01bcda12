import { COLLECT, COMMANDS, type CommandInfo } from './commands/table.ts'
import type { Flag } from './flags/from-schema.ts'

/** What the command line asks for, before the flags of its source are known. */
export interface Route {
  readonly command: CommandInfo
  /** The source, URL or entry, for a command that has a target. */
  readonly target?: string
  /** Everything else, in order. */
  readonly rest: readonly string[]
  readonly wantsHelp: boolean
}

/** Undefined when no command and no target is given. */
export function findRoute(argv: readonly string[]): Route | undefined {
  const [word, ...after] = argv
  // `help ls` is `ls --help`.
  const words = word === 'help' ? [...after, '--help'] : argv
  const wantsHelp = beforeDashes(words).some((item) => item === '--help' || item === '-h')
  const first = findOperand(words, COLLECT.flags)
  if (first === undefined) return undefined
  const named = COMMANDS.find((command) => command.name === words[first])
  const rest = named === undefined ? [...words] : words.toSpliced(first, 1)
  const command = named ?? COLLECT
  if (command.target === 'none') return { command, rest, wantsHelp }
  const at = findOperand(rest, command.flags)
  if (at === undefined) return { command, rest, wantsHelp }
  const target = rest[at] ?? ''
  return { command, target, rest: rest.toSpliced(at, 1), wantsHelp }
}

/** Index of the first word that is neither a flag nor the value of one of our own. */
function findOperand(words: readonly string[], flags: readonly Flag[]): number | undefined {
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? ''
    if (word === '--') return i + 1 < words.length ? i + 1 : undefined
    if (word.length < 2 || !word.startsWith('-')) return i
    const flag = flags.find((item) => word === `--${item.name}`)
    if (flag !== undefined && flag.kind !== 'switch' && flag.kind !== 'boolean') i++
  }
  return undefined
}

function beforeDashes(words: readonly string[]): readonly string[] {
  const at = words.indexOf('--')
  return at < 0 ? words : words.slice(0, at)
}
