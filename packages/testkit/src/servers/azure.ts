import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { cachedServer } from './cache.ts'
import { docker } from './docker.ts'
import { freePort, launch, listening } from './program.ts'
import type { Need, Provider, ServerPlan } from './provider.ts'

/** The login that Azurite's manual publishes. https://learn.microsoft.com/azure/storage/common/storage-use-azurite */
const ACCOUNT = 'devstoreaccount1'
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=='

const HAS: readonly Need[] = ['azure', 'auth']

const urlOf = (host: string, port: number): string =>
  `http://${ACCOUNT}:${encodeURIComponent(KEY)}@${host}:${port}/${ACCOUNT}`

const local: Provider = {
  name: 'local',
  has: HAS,
  async start() {
    const cached = cachedServer('azurite')
    const script = join(cached?.folder ?? '', 'node_modules', 'azurite', 'dist', 'src', 'blob', 'main.js')
    if (!cached || !existsSync(script)) throw new TypeError('no Azurite in the cache of servers')
    const port = await freePort()
    const { child, stop } = launch(process.execPath, [
      script,
      '--blobHost',
      '127.0.0.1',
      '--blobPort',
      String(port),
      '--inMemoryPersistence',
      '--silent',
      '--disableTelemetry',
      '--skipApiVersionCheck',
    ])
    await listening(port, child, 60_000)
    return {
      url: urlOf('127.0.0.1', port),
      provider: 'local',
      version: `Azurite ${cached.version}`,
      fidelity: 'emulator',
      has: HAS,
      stop,
    }
  },
}

/** A stand-in for Azure's blobs; its URL is `http://account:key@host:port/account`, with the key percent-coded. */
export const AZURE: ServerPlan = {
  needs: HAS,
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
    local,
  ],
}
