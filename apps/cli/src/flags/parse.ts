import { type Fault, fault } from '@omni/core'
import { Command, CommanderError, Option } from 'commander'
import type { CommandInfo } from '../commands/table.ts'
import type { Io } from '../io.ts'
import type { Flag } from './from-schema.ts'
import { createFlagValues, type FlagValues } from './values.ts'

/** What a command line says, by the flags it may have. */
export interface Parsed {
  readonly operands: readonly string[]
  readonly common: FlagValues
  readonly source: FlagValues
}

/** What may stand on the command line. */
export interface Grammar {
  readonly command: CommandInfo
  /** As help shows the call: `omni-collect file <path>`. */
  readonly usage: string
  readonly summary: string
  readonly maxOperands: number
  readonly sourceName?: string
  readonly sourceFlags: readonly Flag[]
}

/** Any option of a source whose schema cannot say its flags. */
const ANY_OPTION: Flag = {
  name: 'option',
  path: [],
  kind: 'record',
  item: 'json',
  placeholder: '<key=value>',
  description: 'An option of the source by its name; may be repeated.',
}

/** Reads the words after the command and its target. Throws the fault `config` for what does not fit. */
export function parseWords(words: readonly string[], grammar: Grammar, io: Io): Parsed {
  const common = createFlagValues()
  const source = createFlagValues()
  const program = createProgram(grammar, io, common, source)
  let operands: readonly string[] = []
  program.argument('[operands...]').action((given: string[]) => {
    operands = given
  })
  try {
    program.parse([...words], { from: 'user' })
  } catch (error) {
    throw error instanceof CommanderError ? toUsageFault(error, grammar) : error
  }
  if (operands.length > grammar.maxOperands) {
    throw usageFault(
      'cli.too-many-operands',
      `There ${operands.length - grammar.maxOperands === 1 ? 'is a word' : 'are words'} too many after \`${grammar.usage.split(' ').slice(0, 2).join(' ')}\`.`,
      `Write \`${grammar.usage}\`; put quotes around a value with spaces, or a pattern such as 'data/*.csv'.`,
    )
  }
  return { operands, common, source }
}

/** The help of a command. */
export function helpOf(grammar: Grammar, io: Io): string {
  const program = createProgram(grammar, io, createFlagValues(), createFlagValues())
  return `${program.helpInformation().trimEnd()}
`
}

function createProgram(grammar: Grammar, io: Io, common: FlagValues, source: FlagValues): Command {
  const { strong, accent, dim } = io.stdout.theme
  const program = new Command()
    .name(grammar.usage)
    .usage('[options]')
    .description(grammar.summary)
    .exitOverride()
    .configureOutput({ writeOut: () => {}, writeErr: () => {} })
    .configureHelp({
      helpWidth: Math.min(io.stdout.columns, 110),
      styleTitle: strong,
      styleOptionTerm: accent,
      styleUsage: (text) => text.replace('[options]', dim('[options]')),
      visibleArguments: () => [],
    })
  const named = grammar.sourceName !== undefined
  if (named) {
    program.optionsGroup(`Options of ${grammar.sourceName}:`)
    const flags = grammar.sourceFlags.length > 0 ? grammar.sourceFlags : [ANY_OPTION]
    for (const flag of flags) addFlag(program, flag, source)
  }
  const rest = named ? 'Common options:' : 'Options:'
  program.optionsGroup(rest)
  for (const flag of grammar.command.flags) addFlag(program, flag, common)
  program.addHelpOption(new Option('-h, --help', 'Show this.').helpGroup(rest))
  return program
}

function addFlag(program: Command, flag: Flag, values: FlagValues): void {
  const takesValue = flag.kind !== 'boolean' && flag.kind !== 'switch'
  const written = takesValue ? `--${flag.name} ${flag.placeholder}` : `--${flag.name}`
  const isOnByDefault = flag.kind === 'boolean' && flag.fallback === 'true'
  program.addOption(new Option(written, describe(flag)).hideHelp(isOnByDefault))
  program.on(`option:${flag.name}`, (text: string | null) =>
    values.take(flag, takesValue ? (text ?? '') : true),
  )
  if (flag.kind !== 'boolean') return
  const negation = new Option(`--no-${flag.name}`, `Turns off: ${flag.description}`)
  program.addOption(negation.hideHelp(!isOnByDefault))
  program.on(`option:no-${flag.name}`, () => values.take(flag, false))
}

function describe(flag: Flag): string {
  const notes = [
    flag.required === true ? 'required' : undefined,
    hasPlainDefault(flag) ? `default: ${flag.fallback}` : undefined,
    flag.placeholder === '<name>' && flag.choices ? `one of ${flag.choices.join(', ')}` : undefined,
    flag.kind === 'list' || flag.kind === 'record'
      ? /may be repeated/.test(flag.description)
        ? undefined
        : 'may be repeated'
      : undefined,
  ].filter((note) => note !== undefined)
  return `${flag.description}${notes.length > 0 ? ` (${notes.join('; ')})` : ''}`.trim()
}

function hasPlainDefault(flag: Flag): boolean {
  return flag.kind !== 'boolean' && flag.fallback !== undefined && flag.fallback !== ''
}

/** The words of the library's message that hold no value, as ours. */
function toUsageFault(error: CommanderError, grammar: Grammar): Fault {
  const flag = /option '(--?[^\s'=<]+)/.exec(error.message)?.[1] ?? 'a flag'
  if (error.code === 'commander.optionMissingArgument') {
    return usageFault('cli.flag-value', `\`${flag}\` needs a value.`, `\`${helpCall(grammar)}\` explains it.`)
  }
  if (error.code === 'commander.unknownOption') {
    const close = /Did you mean (?:one of )?(--[^\s,?)]+)/.exec(error.message)?.[1]
    const hint = close === undefined ? '' : `Did you mean \`${close}\`? `
    return usageFault(
      'cli.flag-unknown',
      `There is no flag \`${flag}\` here.`,
      `${hint}\`${helpCall(grammar)}\` lists the flags.`,
    )
  }
  return usageFault('cli.usage', 'The command line cannot be read.', `\`${helpCall(grammar)}\` explains it.`)
}

function helpCall(grammar: Grammar): string {
  const words = grammar.usage.split(' ').filter((word) => !/^[<[]/.test(word))
  return `${words.join(' ')} --help`
}

function usageFault(code: string, why: string, fix: string): Fault {
  return fault({ kind: 'config', code, why, fix })
}
