import { type Fault, fault } from '@omni/core'
import type { CommandInfo } from './table.ts'

/** A command was called without what it works on. */
export function missingOperand(command: CommandInfo): Fault {
  const fixes: Readonly<Record<string, string>> = {
    show: 'Name a dataset or snapshot, as `omni-collect ls` lists them.',
    diff: 'Name two snapshots, or a dataset to compare its last two.',
    quarantine: 'Name a dataset or snapshot, as `omni-collect ls` lists them.',
    state: 'Name a dataset, as `omni-collect ls` lists them.',
    completion: 'Write `omni-collect completion bash` (or zsh, fish).',
  }
  return fault({
    kind: 'config',
    code: 'cli.operand-missing',
    why: `\`omni-collect ${command.name}\` needs ${command.operands}.`,
    fix: fixes[command.name] ?? `\`omni-collect ${command.name} --help\` explains it.`,
  })
}

/** Flags were given, and nothing to collect. */
export function missingTarget(): Fault {
  return fault({
    kind: 'config',
    code: 'cli.target-missing',
    why: 'There are flags, but no command and no source.',
    fix: 'Write `omni-collect <source> <locator>`; `omni-collect --help` lists the commands.',
  })
}
