import { ASKING, EVERYWHERE, READING, WRITING } from '../flags/common.ts'
import type { Flag } from '../flags/from-schema.ts'
import type { Run } from './invocation.ts'

/** A command of the program: what help says of it, and where its code is. */
export interface CommandInfo {
  readonly name: string
  readonly summary: string
  /** After the name, as help shows it. */
  readonly operands: string
  readonly maxOperands: number
  readonly minOperands: number
  /** `source`: the first operand is a source, a URL or an entry of the configuration, whose flags it takes. */
  readonly target: 'source' | 'none'
  readonly flags: readonly Flag[]
  readonly group: 'Collect' | 'Look' | 'Set up'
  /** Imported only when it is the one to run. */
  readonly load: () => Promise<{ readonly run: Run }>
}

const base = { target: 'none', flags: EVERYWHERE, minOperands: 0 } as const
const reading = {
  target: 'source',
  flags: [...READING, ...EVERYWHERE],
  minOperands: 0,
  maxOperands: 2,
} as const
const writing = [...WRITING, ...READING, ...EVERYWHERE]

/** The command that has no word of its own: `omni-collect <source> <locator>`. */
export const COLLECT: CommandInfo = {
  ...reading,
  name: 'collect',
  summary: 'Collect a source into a masked, checksummed snapshot.',
  operands: '<source> <locator>',
  minOperands: 1,
  flags: writing,
  group: 'Collect',
  load: () => import('./collect.ts'),
}

/** Every command, in the order help shows them. */
export const COMMANDS: readonly CommandInfo[] = [
  COLLECT,
  {
    ...base,
    name: 'run',
    summary: 'Collect what omni.config.yaml (or .ts) lists: all, or one by name.',
    operands: '[config] [name]',
    maxOperands: 2,
    flags: writing,
    group: 'Collect',
    load: () => import('./run.ts'),
  },
  {
    ...reading,
    name: 'plan',
    summary: 'Say what a collect would read, mask and write; write nothing.',
    operands: '<source> <locator>',
    flags: writing,
    group: 'Collect',
    load: () => import('./plan.ts'),
  },
  {
    ...reading,
    name: 'check',
    summary: 'See whether a source answers and lets us in.',
    operands: '<source> <locator>',
    group: 'Collect',
    load: () => import('./check.ts'),
  },
  {
    ...reading,
    name: 'discover',
    summary: 'List the streams of a source with their columns.',
    operands: '<source> <locator>',
    group: 'Collect',
    load: () => import('./discover.ts'),
  },
  {
    ...reading,
    name: 'preview',
    summary: 'Show the first rows, masked; write nothing.',
    operands: '<source> <locator>',
    group: 'Collect',
    load: () => import('./preview.ts'),
  },
  {
    ...base,
    name: 'ls',
    summary: 'List datasets and their snapshots.',
    operands: '[dataset]',
    maxOperands: 1,
    group: 'Look',
    load: () => import('./ls.ts'),
  },
  {
    ...base,
    name: 'show',
    summary: 'Show what is in a snapshot: columns, masks, files, counts.',
    operands: '<ref>',
    maxOperands: 1,
    minOperands: 1,
    group: 'Look',
    load: () => import('./show.ts'),
  },
  {
    ...base,
    name: 'diff',
    summary: 'Compare two snapshots: columns, counts, digest, positions.',
    operands: '<ref> [ref]',
    maxOperands: 2,
    minOperands: 1,
    group: 'Look',
    load: () => import('./diff.ts'),
  },
  {
    ...base,
    name: 'verify',
    summary: 'Recompute every checksum and the log chain; name what was changed.',
    operands: '[ref]',
    maxOperands: 1,
    group: 'Look',
    load: () => import('./verify.ts'),
  },
  {
    ...base,
    name: 'state',
    summary: 'Show where the next collect of a dataset resumes.',
    operands: '<dataset>',
    maxOperands: 1,
    minOperands: 1,
    group: 'Look',
    load: () => import('./state.ts'),
  },
  {
    ...base,
    name: 'quarantine',
    summary: 'List the records of a snapshot that could not be kept, and why.',
    operands: '<ref>',
    maxOperands: 1,
    minOperands: 1,
    group: 'Look',
    load: () => import('./quarantine.ts'),
  },
  {
    ...base,
    name: 'sources',
    summary: 'List the installed sources, or the options of one.',
    operands: '[name]',
    maxOperands: 1,
    group: 'Set up',
    load: () => import('./sources.ts'),
  },
  {
    ...base,
    name: 'init',
    summary: 'Write omni.config.yaml.',
    operands: '[source] [locator]',
    maxOperands: 2,
    flags: [...ASKING, ...EVERYWHERE],
    group: 'Set up',
    load: () => import('./init.ts'),
  },
  {
    ...base,
    name: 'doctor',
    summary: 'Check this machine and folder, and say what to do.',
    operands: '',
    maxOperands: 0,
    group: 'Set up',
    load: () => import('./doctor.ts'),
  },
  {
    ...base,
    name: 'completion',
    summary: 'Print the completion script of a shell: bash, zsh or fish.',
    operands: '<shell>',
    maxOperands: 1,
    minOperands: 1,
    group: 'Set up',
    load: () => import('./completion.ts'),
  },
]
