import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Fidelity, Need, Provider } from './provider.ts'

const run = promisify(execFile)

export interface Image {
  readonly image: string
  readonly port: number
  /** Arguments, in place of the image's own. */
  readonly command?: readonly string[]
  /** Files to put into the container before it starts. */
  readonly files?: readonly { readonly content: string; readonly target: string }[]
  readonly url: (host: string, port: number) => string
  readonly has: readonly Need[]
  readonly fidelity: Fidelity
}

/** A container through testcontainers, where an engine answers within two seconds and the image can be had. */
export function docker({ image, port, command, files = [], url, has, fidelity }: Image): Provider {
  return {
    name: 'docker',
    has,
    async start() {
      await run('docker', ['version', '--format', '{{.Server.Version}}'], { timeout: 2000 }).catch(() => {
        throw new TypeError('no Docker engine answers')
      })
      if (process.env['OMNI_TEST_PULL'] === '0') {
        await run('docker', ['image', 'inspect', image], { timeout: 5000 }).catch(() => {
          throw new TypeError(`${image} is not on this machine and OMNI_TEST_PULL=0`)
        })
      }
      const { GenericContainer } = await import('testcontainers').catch(() => {
        throw new TypeError('the package testcontainers is not installed')
      })
      const described = new GenericContainer(image)
        .withExposedPorts(port)
        .withCopyContentToContainer([...files])
      const container = await (command ? described.withCommand([...command]) : described).start()
      return {
        url: url(container.getHost(), container.getMappedPort(port)),
        provider: 'docker',
        version: image,
        fidelity,
        has,
        stop: async () => {
          await container.stop()
        },
      }
    },
  }
}
