import { cachedServer } from './cache.ts'
import { findProgram, freePort, launch, listening } from './program.ts'
import type { Provider, ServerPlan } from './provider.ts'

const local: Provider = {
  name: 'local',
  has: ['gcs', 'versioning'],
  async start() {
    const cached = cachedServer('fake-gcs-server')
    const program = findProgram('fake-gcs-server', cached ? [cached.folder] : [])
    if (!program) throw new TypeError('no program fake-gcs-server on this machine')
    const port = await freePort()
    const { child, stop } = launch(program, [
      '-scheme',
      'http',
      '-host',
      '127.0.0.1',
      '-port',
      String(port),
      // Empty: it answers whatever name it is called by, so that a proxy can stand before it.
      '-public-host',
      `127.0.0.1:${port}`,
      '-backend',
      'memory',
      '-log-level',
      'error',
    ])
    await listening(port, child)
    return {
      url: `http://127.0.0.1:${port}`,
      provider: 'local',
      version: `fake-gcs-server ${cached?.version ?? ''}`.trim(),
      fidelity: 'emulator',
      has: local.has,
      stop,
    }
  },
}

/** A stand-in for Google Cloud Storage. There is no Docker lane: it has to be told its outer address at start. */
export const GCS: ServerPlan = {
  needs: local.has,
  advice: 'Run .ci/run, or `go install github.com/fsouza/fake-gcs-server@v1.55.1` and put it on the path.',
  providers: [local],
}
