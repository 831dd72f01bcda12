import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { styleText } from 'node:util'

const CLI = fileURLToPath(new URL('bin/omni-collect.js', import.meta.resolve('@omni/cli/package.json')))

/** What a command printed, and how it ended. */
export interface Told {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** Prints a demonstration, and runs the real program in it. */
export interface Story {
  chapter(title: string): void
  say(...lines: readonly string[]): void
  /** Runs `omni-collect` as a person would, and prints the command and all it says. */
  run(...words: readonly string[]): Promise<Told>
  /** The same without printing, for the demo's own checks. */
  ask(...words: readonly string[]): Promise<Told>
  /** Notes an expectation: printed as it is, and counted when it does not hold. */
  expect(what: string, holds: boolean): void
  readonly failures: number
}

/** A story whose commands run in one folder. */
export function createStory(folder: string): Story {
  const isColoured = process.stdout.isTTY === true && !process.env['NO_COLOR']
  const style = (format: Parameters<typeof styleText>[0], text: string): string =>
    isColoured ? styleText(format, text, { validateStream: false }) : text
  const print = (text: string): void => void process.stdout.write(text)
  let chapters = 0
  let failures = 0
  return {
    chapter(title) {
      chapters++
      print(`\n${style(['bold', 'cyan'], `${chapters}  ${title}`)}\n\n`)
    },
    say: (...lines) => print(`${lines.map((line) => style('dim', `   ${line}`)).join('\n')}\n\n`),
    async run(...words) {
      print(`${style('green', '   $')} ${style('bold', `omni-collect ${words.map(shellWord).join(' ')}`)}\n`)
      const told = await call(words, folder, isColoured, (text) => print(indented(text)))
      print('\n')
      return told
    },
    ask: (...words) => call(words, folder, false, () => {}),
    expect(what, holds) {
      if (!holds) failures++
      print(`   ${holds ? style('green', '✓') : style('red', '✗ NOT TRUE:')} ${what}\n`)
    },
    get failures() {
      return failures
    },
  }
}

function call(
  words: readonly string[],
  cwd: string,
  isColoured: boolean,
  show: (text: string) => void,
): Promise<Told> {
  return new Promise((resolve, reject) => {
    // A package script's own variables would tell the program that it is one itself.
    const { npm_lifecycle_event: _event, ...inherited } = process.env
    const env = { ...inherited, ...(isColoured ? { FORCE_COLOR: '1' } : { NO_COLOR: '1', FORCE_COLOR: '0' }) }
    const child = spawn(process.execPath, [CLI, ...words], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    const said = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        said[name] += text
        show(text)
      })
    }
    child.on('error', reject)
    child.on('close', (code) => resolve({ ...said, exitCode: code ?? -1 }))
  })
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '   ')
}

function shellWord(word: string): string {
  return /^[\w./:=@,+-]+$/.test(word) ? word : `'${word}'`
}
