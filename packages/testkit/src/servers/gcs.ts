import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cachedServer } from './cache.ts'
import { findProgram, freePort, type Launched, launch, listening } from './program.ts'
import type { Need, Provider, Server, ServerPlan } from './provider.ts'
import { startRestartable } from './restartable.ts'

async function launchServer(port: number, ...backend: readonly string[]): Promise<Launched> {
  const started = launch(installed().program, [
    '-scheme',
    'http',
    '-host',
    '127.0.0.1',
    '-port',
    String(port),
    // Empty: it answers whatever name it is called by, so that a proxy can stand before it.
    '-public-host',
    `127.0.0.1:${port}`,
    '-log-level',
    'error',
    ...backend,
  ])
  await listening(port, started.child)
  return started
}

function installed(): { readonly program: string; readonly version: string } {
  const cached = cachedServer('fake-gcs-server')
  const program = findProgram('fake-gcs-server', cached ? [cached.folder] : [])
  if (!program) throw new TypeError('no program fake-gcs-server on this machine')
  return { program, version: `fake-gcs-server ${cached?.version ?? ''}`.trim() }
}

const serverAt = (port: number, has: readonly Need[]): Omit<Server, 'stop'> => ({
  url: `http://127.0.0.1:${port}`,
  provider: 'local',
  version: installed().version,
  fidelity: 'emulator',
  has,
})

const inMemory: Provider = {
  name: 'local',
  has: ['gcs', 'versioning'],
  async start() {
    const port = await freePort()
    const { stop } = await launchServer(port, '-backend', 'memory')
    return { ...serverAt(port, inMemory.has), stop }
  },
}

const onDisk: Provider = {
  name: 'local',
  has: ['gcs', 'restart'],
  async start() {
    installed()
    const folder = mkdtempSync(join(tmpdir(), 'omni-gcs-'))
    const { port, process, stop } = await startRestartable({
      launchAt: (at) => launchServer(at, '-backend', 'filesystem', '-filesystem-root', folder),
    })
    return {
      ...serverAt(port, onDisk.has),
      process,
      async stop() {
        await stop()
        rmSync(folder, { recursive: true, force: true })
      },
    }
  },
}

/** A stand-in for Google Cloud Storage. There is no Docker lane: it has to be told its outer address at start. */
export const GCS: ServerPlan = {
  needs: ['gcs', 'versioning', 'restart'],
  advice: 'Run .ci/run, or `go install github.com/fsouza/fake-gcs-server@v1.55.1` and put it on the path.',
  providers: [inMemory, onDisk],
}
