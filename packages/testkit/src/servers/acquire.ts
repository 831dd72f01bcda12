import { appendFileSync } from 'node:fs'
import { AZURE } from './azure.ts'
import { GCS } from './gcs.ts'
import { MOSQUITTO } from './mosquitto.ts'
import type { Need, Provider, ProviderName, Server, ServerPlan } from './provider.ts'
import { S3 } from './s3.ts'

export type { Need, Server, ServerProcess } from './provider.ts'

/** Servers that can be acquired. */
export type ServerName = 'azure' | 'gcs' | 'mosquitto' | 's3'

/** A new server is a file beside these and a row here. */
const SERVERS: Readonly<Record<ServerName, ServerPlan>> = {
  azure: AZURE,
  gcs: GCS,
  mosquitto: MOSQUITTO,
  s3: S3,
}

export interface AcquireOptions {
  /** What the test relies on; a provider without it is passed over. */
  readonly needs?: readonly Need[]
}

/** No server could be had; one line says what was tried. */
export interface NoServer {
  readonly why: string
}

const running = new Map<string, Promise<Server | NoServer>>()

/**
 * Finds a real server: `OMNI_TEST_<SERVER>_URL`, then Docker, then a program on this machine, then an embedded
 * npm package. One server serves the whole process; it is stopped by {@link releaseAll} or when the process ends.
 * `OMNI_TEST_PROVIDER` (docker, local or embedded) forces one kind.
 */
export function acquire(name: ServerName, { needs = [] }: AcquireOptions = {}): Promise<Server | NoServer> {
  const key = `${name} ${[...needs].sort().join(' ')}`
  const known = running.get(key)
  if (known) return known
  const found = find(name, SERVERS[name], needs)
  running.set(key, found)
  return found
}

/** Stops what was started. */
export async function releaseAll(): Promise<void> {
  const all = [...running.values()]
  running.clear()
  for (const server of await Promise.allSettled(all)) {
    if (server.status === 'fulfilled' && 'url' in server.value) await server.value.stop()
  }
}

async function find(name: string, plan: ServerPlan, needs: readonly Need[]): Promise<Server | NoServer> {
  const variable = `OMNI_TEST_${name.toUpperCase()}_URL`
  const url = process.env[variable]
  // A wrong URL must fail the tests, so nothing else is tried; but a server of others is not ours to kill.
  if (url && !needs.includes('restart'))
    return report(name, {
      url,
      provider: 'env',
      version: variable,
      fidelity: 'real',
      has: plan.needs,
      stop: async () => {},
    })
  const forced = process.env['OMNI_TEST_PROVIDER'] as ProviderName | undefined
  const tried: string[] = []
  for (const provider of plan.providers) {
    if (forced && provider.name !== forced) continue
    const lacking = needs.filter((need) => !provider.has.includes(need))
    if (lacking.length > 0) {
      tried.push(`${provider.name} lacks ${lacking.join(', ')}`)
      continue
    }
    const started = await start(provider)
    if ('url' in started) return report(name, started)
    tried.push(`${provider.name}: ${started.why}`)
  }
  const orSet = needs.includes('restart') ? '' : ` Or set ${variable}.`
  return { why: `${tried.join('; ') || `no provider is called ${forced}`}. ${plan.advice}${orSet}` }
}

async function start(provider: Provider): Promise<Server | NoServer> {
  try {
    return await provider.start()
  } catch (error) {
    return { why: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error) }
  }
}

/** Tells the test run which server this was, for the table at its end. */
function report(name: string, server: Server): Server {
  const file = process.env['OMNI_TEST_SERVERS']
  const { provider, version, fidelity } = server
  if (file) appendFileSync(file, `${JSON.stringify({ name, provider, version, fidelity })}\n`)
  return server
}
