import { cachedServer } from './cache.ts'
import { findProgram, freePort, launch, listening } from './program.ts'
import type { Need, Provider } from './provider.ts'

/** What moto does, and Ceph's gateway, as it is started here, does not. */
export const MOTO_HAS: readonly Need[] = [
  's3',
  'versioning',
  'objectLock',
  'bucketEncryption',
  'sts',
  'quick',
]

/** moto's server, which answers for many services of Amazon on one port. It takes any secret. */
export const MOTO: Provider = {
  name: 'local',
  has: MOTO_HAS,
  async start() {
    const cached = cachedServer('moto')
    const program = findProgram('moto_server', cached ? [`${cached.folder}/bin`] : [])
    if (!program) throw new TypeError('no program moto_server on this machine')
    const port = await freePort()
    const { child, stop } = launch(program, ['-H', '127.0.0.1', '-p', String(port)])
    await listening(port, child, 60_000)
    return {
      url: `http://AKID:SECRET@127.0.0.1:${port}`,
      provider: 'local',
      version: `moto ${cached?.version ?? ''}`.trim(),
      fidelity: 'emulator',
      has: MOTO_HAS,
      stop,
    }
  },
}
