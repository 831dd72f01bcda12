import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const BIN = fileURLToPath(new URL('../../bin/omni-collect.js', import.meta.url))
const PACKAGES = new URL('../../../../packages/', import.meta.url)

/** Folders that are removed together. */
export interface Folders {
  make(name: string): string
  remove(): void
}

export function createFolders(): Folders {
  const made: string[] = []
  return {
    make(name) {
      const folder = mkdtempSync(join(tmpdir(), `omni-proof-${name}-`))
      made.push(folder)
      return folder
    },
    remove() {
      for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Every file below a folder, hidden ones too, from the folder with `/`, sorted. */
export function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort()
}

/** The bytes of a file that may go away while it is read. */
export function bytesOf(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch {
    return Buffer.alloc(0)
  }
}

export interface Ran {
  readonly exitCode: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the program in `folder` as a person does. `onStart` gets a function that kills it the hard way. */
export function runProgram(
  folder: string,
  words: readonly string[],
  onStart: (kill: () => void) => void = () => undefined,
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const { npm_lifecycle_event: _event, INIT_CWD: _folder, ...inherited } = process.env
    const child = spawn(process.execPath, [BIN, ...words], {
      cwd: folder,
      env: { ...inherited, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const said = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        said[name] += text
      })
    }
    child.on('error', reject)
    child.on('close', (exitCode, signal) => resolve({ ...said, exitCode, signal }))
    onStart(() => child.kill('SIGKILL'))
  })
}

/** A module that another package of the workspace declares, loaded from there. */
export function borrow<Module>(owner: string, name: string): Module {
  return createRequire(new URL(`${owner}/package.json`, PACKAGES))(name) as Module
}
