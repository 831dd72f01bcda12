import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { docker } from './docker.ts'
import { findProgram, freePort, launch, listening } from './program.ts'
import type { Provider, ServerPlan } from './provider.ts'

/** Login of every provider; another is refused. */
const USER = 'omni'
const PASSWORD = 'mosquitto-test-password'

const config = (port: number, host: string, passwords: string): string =>
  [
    `listener ${port} ${host}`,
    'allow_anonymous false',
    `password_file ${passwords}`,
    'persistence false',
    'max_inflight_messages 0',
    'max_queued_messages 0',
    // As root it would drop to the user mosquitto, who cannot read the password file.
    ...(process.getuid?.() === 0 ? ['user root'] : []),
    '',
  ].join('\n')

const local: Provider = {
  name: 'local',
  has: ['mqtt3', 'mqtt5', 'auth', 'persistentSession'],
  async start() {
    const program = findProgram('mosquitto')
    const hasher = findProgram('mosquitto_passwd')
    if (!program || !hasher) throw new TypeError('no program mosquitto on this machine')
    const folder = mkdtempSync(join(tmpdir(), 'omni-mosquitto-'))
    const [passwords, file] = [join(folder, 'passwords'), join(folder, 'mosquitto.conf')]
    execFileSync(hasher, ['-b', '-c', passwords, USER, PASSWORD], { stdio: 'ignore' })
    const port = await freePort()
    writeFileSync(file, config(port, '127.0.0.1', passwords))
    const { child, stop } = launch(program, ['-c', file])
    await listening(port, child)
    return {
      url: `mqtt://${USER}:${PASSWORD}@127.0.0.1:${port}`,
      provider: 'local',
      version: versionOf(program),
      fidelity: 'real',
      has: local.has,
      stop: async () => {
        await stop()
        rmSync(folder, { recursive: true, force: true })
      },
    }
  },
}

const embedded: Provider = {
  name: 'embedded',
  has: ['mqtt3', 'auth', 'persistentSession'],
  async start() {
    const { Aedes } = await import('aedes').catch(() => {
      throw new TypeError('the package aedes is not installed')
    })
    const broker = await Aedes.createBroker({
      authenticate: (_client, user, password, done) =>
        done(null, user === USER && password?.toString() === PASSWORD),
    })
    const server = createServer(broker.handle)
    const port = await freePort()
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    return {
      url: `mqtt://${USER}:${PASSWORD}@127.0.0.1:${port}`,
      provider: 'embedded',
      version: 'aedes',
      fidelity: 'compatible',
      has: embedded.has,
      stop: async () => {
        await new Promise<void>((resolve) => broker.close(resolve))
        await new Promise<void>((resolve) => server.close(() => resolve()))
      },
    }
  },
}

/** An MQTT broker with a login, by which a wrong password can be told from a right one. */
export const MOSQUITTO: ServerPlan = {
  needs: ['mqtt3', 'mqtt5', 'auth', 'persistentSession'],
  advice: "Install Debian's package mosquitto (`apt-get install mosquitto`).",
  providers: [
    docker({
      image: 'eclipse-mosquitto:2',
      port: 1883,
      files: [
        {
          content: 'listener 1883 0.0.0.0\nallow_anonymous true\npersistence false\n',
          target: '/mosquitto/config/mosquitto.conf',
        },
      ],
      url: (host, port) => `mqtt://${host}:${port}`,
      has: ['mqtt3', 'mqtt5', 'persistentSession'],
      fidelity: 'real',
    }),
    local,
    embedded,
  ],
}

function versionOf(program: string): string {
  try {
    return /version (\S+)/.exec(execFileSync(program, ['-h'], { encoding: 'utf8' }))?.[1] ?? 'mosquitto'
  } catch (error) {
    // `mosquitto -h` prints its version and leaves with code 3.
    return /version (\S+)/.exec(String((error as { stdout?: unknown }).stdout))?.[1] ?? 'mosquitto'
  }
}
