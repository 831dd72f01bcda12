import { spawn } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const BIN = fileURLToPath(new URL('../bin/omni-collect.js', import.meta.url))

/** How one run of the program ended. */
export interface Run {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A folder of its own with a program in it that can be run as a person does. */
export interface World {
  readonly folder: string
  write(path: string, content: string | Uint8Array): string
  read(path: string): string
  /** Runs the built program here. */
  run(words: readonly string[], options?: RunOptions): Promise<Run>
  /** Files below data/raw, staging and hidden ones too. */
  left(): string[]
  /** Text of every file below the folder, or below one in it, one after the other. */
  everything(below?: string): string
  remove(): void
}

export interface RunOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** Of Node itself; its threads get them too. */
  readonly nodeFlags?: readonly string[]
  /** Sends `signal`, or SIGINT, when it resolves. */
  readonly interrupt?: Promise<unknown>
  readonly signal?: NodeJS.Signals
  /** Runs as this user; only root can. */
  readonly uid?: number
  /** No file may grow beyond this many units of 1 KiB or 512 bytes, as the shell counts: a full disk, in small. */
  readonly fileBlocks?: number
}

/** Makes a world in the system's folder for temporary files. */
export function createWorld(): World {
  const folder = mkdtempSync(join(tmpdir(), 'omni-collect-'))
  const files = (below: string): string[] =>
    existsSync(join(folder, below))
      ? readdirSync(join(folder, below), { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name))
      : []
  return {
    folder,
    write(path, content) {
      const full = join(folder, path)
      mkdirSync(dirname(full), { recursive: true })
      writeFileSync(full, content)
      return path
    },
    read: (path) => readFileSync(join(folder, path), 'utf8'),
    run: (words, options = {}) => runProgram(words, { cwd: folder, ...options }),
    left: () => files(join('data', 'raw')),
    everything: (below = '.') =>
      files(below)
        .map((path) => readFileSync(path, 'latin1'))
        .join('\n'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

function runProgram(words: readonly string[], options: RunOptions): Promise<Run> {
  return new Promise((resolve, reject) => {
    const { npm_lifecycle_event: _event, INIT_CWD: _folder, ...inherited } = process.env
    const env = { ...inherited, NO_COLOR: '1', ...options.env }
    const own = [process.execPath, ...(options.nodeFlags ?? []), BIN, ...words]
    const [program = '', ...rest] =
      options.fileBlocks === undefined
        ? own
        : ['bash', '-c', `ulimit -f ${options.fileBlocks}; exec "$@"`, 'bash', ...own]
    const child = spawn(program, rest, {
      cwd: options.cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    })
    const said = { stdout: '', stderr: '' }
    void options.interrupt?.then(() => child.kill(options.signal ?? 'SIGINT'))
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        said[name] += text
      })
    }
    child.on('error', reject)
    child.on('close', (exitCode) => {
      resolve({ ...said, exitCode })
    })
  })
}

/** Makes the world a project that declares the source `file` and the storage of bucket-storage.js. */
export function installBucketStorage(world: World): void {
  const declared = { '@omni/source-file': '1', 'omni-storage-bucket': '1' }
  world.write('package.json', JSON.stringify({ dependencies: declared }))
  const code = readFileSync(new URL('./bucket-storage.js', import.meta.url))
  world.write('node_modules/omni-storage-bucket/index.js', code)
  const manifest = {
    version: '1.0.0',
    type: 'module',
    exports: './index.js',
    omni: { storage: 'bucket', spec: 1 },
  }
  world.write('node_modules/omni-storage-bucket/package.json', JSON.stringify(manifest))
  mkdirSync(join(world.folder, 'node_modules', '@omni'), { recursive: true })
  symlinkSync(
    fileURLToPath(new URL('../node_modules/@omni/source-file', import.meta.url)),
    join(world.folder, 'node_modules', '@omni', 'source-file'),
  )
}

/** An HTTP server on loopback. */
export async function startServer(
  listener: RequestListener,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** A port of this machine where nothing listens. */
export async function closedPort(): Promise<number> {
  const server = await startServer(() => {})
  const port = Number(new URL(server.url).port)
  await server.close()
  return port
}
