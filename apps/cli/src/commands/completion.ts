import { fault } from '@omni/core'
import { EXIT, type ExitCode } from '../exit.ts'
import { TAKEN } from '../flags/common.ts'
import { type Flag, flagsOfSource, isLocator } from '../flags/from-schema.ts'
import { nearest } from '../flags/nearest.ts'
import { findSources } from '../sources/declared.ts'
import { importSource } from '../sources/load.ts'
import type { Invocation } from './invocation.ts'
import { COLLECT, COMMANDS } from './table.ts'

/** What can be completed after a word: flags with their values, and words. */
interface Scope {
  readonly word: string
  readonly summary: string
  readonly flags: readonly Flag[]
}

/** `omni-collect completion bash|zsh|fish`: a script made of the installed sources' flags. */
export async function run({ io, operands }: Invocation): Promise<ExitCode> {
  const [shell = ''] = operands
  const scripts: Readonly<Record<string, (scopes: readonly Scope[]) => string>> = { bash, zsh, fish }
  const script = scripts[shell]
  if (script === undefined) {
    const close = nearest(shell, Object.keys(scripts))
    throw fault({
      kind: 'config',
      code: 'cli.shell-unknown',
      why: 'There is a completion for bash, zsh and fish only.',
      fix: close === undefined ? 'Name one of them.' : `Did you mean \`${close}\`?`,
    })
  }
  io.stdout.write(script([...(await sourceScopes(io.cwd)), ...commandScopes()]))
  return EXIT.done
}

function commandScopes(): Scope[] {
  return COMMANDS.filter((command) => command !== COLLECT).map(({ name, summary, flags }) => ({
    word: name,
    summary,
    flags,
  }))
}

async function sourceScopes(cwd: string): Promise<Scope[]> {
  const scopes: Scope[] = []
  for (const declared of findSources(cwd).sources) {
    const loaded = await importSource(declared).catch(() => undefined)
    if (loaded === undefined) continue
    const own = flagsOfSource(loaded.source, TAKEN).filter((flag) => !isLocator(flag, loaded.source))
    scopes.push({ word: declared.name, summary: loaded.source.summary, flags: [...own, ...COLLECT.flags] })
  }
  return scopes
}

const spelled = (flag: Flag): string[] =>
  flag.kind === 'boolean' ? [`--${flag.name}`, `--no-${flag.name}`] : [`--${flag.name}`]

// bash: https://www.gnu.org/software/bash/manual/html_node/Programmable-Completion.html
function bash(scopes: readonly Scope[]): string {
  const words = [...scopes.map((scope) => scope.word), 'help'].join(' ')
  const cases = scopes.map(
    (scope) => `    ${scope.word}) flags='${[...scope.flags.flatMap(spelled), '--help'].join(' ')}' ;;`,
  )
  return `# omni-collect completion for bash: source <(omni-collect completion bash)
_omni_collect() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} flags='--help' word choices=''
  COMPREPLY=()
  case "$previous" in
${choicesOf(scopes)
  .map(([name, choices]) => `    --${name}) choices='${choices.join(' ')}' ;;`)
  .join('\n')}
  esac
  if [[ -n $choices ]]; then COMPREPLY=($(compgen -W "$choices" -- "$current")); return; fi
  if (( COMP_CWORD == 1 )) && [[ $current != -* ]]; then
    COMPREPLY=($(compgen -W '${words}' -- "$current") $(compgen -f -- "$current")); return
  fi
  for word in "\${COMP_WORDS[@]:1}"; do
    case "$word" in
${cases.map((line) => `  ${line}`).join('\n')}
    esac
  done
  if [[ $current == -* ]]; then COMPREPLY=($(compgen -W "$flags" -- "$current"))
  else COMPREPLY=($(compgen -f -- "$current")); fi
}
complete -o filenames -F _omni_collect omni-collect
`
}

// zsh: https://zsh.sourceforge.io/Doc/Release/Completion-System.html
function zsh(scopes: readonly Scope[]): string {
  const quote = (text: string): string => text.replace(/'/g, "'\\''").replace(/[[\]:]/g, '\\$&')
  const argument = (flag: Flag): string => {
    const repeat = flag.kind === 'list' || flag.kind === 'record' ? '*' : ''
    const what = `[${quote(flag.description)}]`
    if (flag.kind === 'switch') return `'--${flag.name}${what}'`
    if (flag.kind === 'boolean') return `'--${flag.name}${what}' '--no-${flag.name}'`
    const value = flag.choices ? `(${flag.choices.join(' ')})` : flag.name === 'root' ? '_files -/' : ''
    return `'${repeat}--${flag.name}${what}:${quote(flag.placeholder.replace(/[<>]/g, ''))}:${value}'`
  }
  const cases = scopes.map(
    (scope) =>
      `    ${scope.word}) _arguments ${scope.flags.map(argument).join(' ')} '--help[Show help.]' '*:file:_files' ;;`,
  )
  return `#compdef omni-collect
# omni-collect completion for zsh: source <(omni-collect completion zsh)
_omni_collect() {
  if (( CURRENT == 2 )); then
    local -a words
    words=(${scopes.map((scope) => `'${scope.word}:${quote(scope.summary)}'`).join(' ')})
    _describe 'command or source' words
    _files
    return
  fi
  local word=$words[2]
  shift words
  (( CURRENT-- ))
  case $word in
${cases.join('\n')}
    *) _files ;;
  esac
}
compdef _omni_collect omni-collect
`
}

// fish: https://fishshell.com/docs/current/completions.html
function fish(scopes: readonly Scope[]): string {
  const quote = (text: string): string => `'${text.replace(/\\/g, '\\\\').replace(/'/g, "\\'")}'`
  const lines = scopes.flatMap((scope) => [
    `complete -c omni-collect -n __fish_use_subcommand -a ${scope.word} -d ${quote(scope.summary)}`,
    ...scope.flags.flatMap((flag) =>
      spelled(flag).map((written) => {
        const takes = flag.kind === 'boolean' || flag.kind === 'switch' ? '' : ' -r'
        const values = flag.choices ? ` -f -a ${quote(flag.choices.join(' '))}` : ''
        const seen = `-n '__fish_seen_subcommand_from ${scope.word}'`
        return `complete -c omni-collect ${seen} -l ${written.slice(2)}${takes}${values} -d ${quote(flag.description)}`
      }),
    ),
  ])
  return `# omni-collect completion for fish: omni-collect completion fish | source\n${lines.join('\n')}\n`
}

function choicesOf(scopes: readonly Scope[]): (readonly [string, readonly string[]])[] {
  const all = new Map<string, readonly string[]>()
  for (const flag of scopes.flatMap((scope) => scope.flags)) {
    if (flag.choices) all.set(flag.name, flag.choices)
  }
  return [...all]
}
