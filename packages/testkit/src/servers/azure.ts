import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cachedServer } from './cache.ts'
import { docker } from './docker.ts'
import { freePort, type Launched, launch, listening } from './program.ts'
import type { Need, Provider, Server, ServerPlan } from './provider.ts'
import { startRestartable } from './restartable.ts'

/** The login that Azurite's manual publishes. https://learn.microsoft.com/azure/storage/common/storage-use-azurite */
const ACCOUNT = 'devstoreaccount1'
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=='

const HAS: readonly Need[] = ['azure', 'auth']

const urlOf = (host: string, port: number): string =>
  `http://${ACCOUNT}:${encodeURIComponent(KEY)}@${host}:${port}/${ACCOUNT}`

async function launchAzurite(port: number, ...storage: readonly string[]): Promise<Launched> {
  const started = launch(process.execPath, [
    installed().script,
    '--blobHost',
    '127.0.0.1',
    '--blobPort',
    String(port),
    '--silent',
    '--disableTelemetry',
    '--skipApiVersionCheck',
    ...storage,
  ])
  await listening(port, started.child, 60_000)
  return started
}

function installed(): { readonly script: string; readonly version: string } {
  const cached = cachedServer('azurite')
  const script = join(cached?.folder ?? '', 'node_modules', 'azurite', 'dist', 'src', 'blob', 'main.js')
  if (!cached || !existsSync(script)) throw new TypeError('no Azurite in the cache of servers')
  return { script, version: cached.version }
}

const serverAt = (port: number, has: readonly Need[]): Omit<Server, 'stop'> => ({
  url: urlOf('127.0.0.1', port),
  provider: 'local',
  version: `Azurite ${installed().version}`,
  fidelity: 'emulator',
  has,
})

const inMemory: Provider = {
  name: 'local',
  has: HAS,
  async start() {
    const port = await freePort()
    const { stop } = await launchAzurite(port, '--inMemoryPersistence')
    return { ...serverAt(port, HAS), stop }
  },
}

/** Writes what it knows of its blobs every five seconds, and when it ends by itself. */
const onDisk: Provider = {
  name: 'local',
  has: [...HAS, 'restart'],
  async start() {
    installed()
    const folder = mkdtempSync(join(tmpdir(), 'omni-azurite-'))
    const { port, process, stop } = await startRestartable({
      launchAt: (at) => launchAzurite(at, '--location', folder),
      savesLate: true,
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

/** A stand-in for Azure's blobs; its URL is `http://account:key@host:port/account`, with the key percent-coded. */
export const AZURE: ServerPlan = {
  needs: onDisk.has,
  advice: 'Run .ci/run, which puts Azurite into the cache of servers.',
  providers: [
    docker({
      image: 'mcr.microsoft.com/azure-storage/azurite',
      port: 10_000,
      command: ['azurite-blob', '--blobHost', '0.0.0.0', '--inMemoryPersistence', '--skipApiVersionCheck'],
      url: urlOf,
      has: HAS,
      fidelity: 'emulator',
    }),
    inMemory,
    onDisk,
  ],
}
