import type { Context } from '@omni/spec'
import type { IClientOptions } from 'mqtt'
import type { MqttSettings } from './options.ts'

/** How a client introduces itself, where it is not the collector itself. */
export interface Identity {
  readonly clientId?: string
  readonly clean: boolean
}

/** How the collector itself is known to the broker. */
export function identityOf(settings: MqttSettings): Identity {
  const { clientId, session } = settings
  return { ...(clientId === undefined ? {} : { clientId }), clean: session === 'clean' }
}

const NEVER_EXPIRES = 0xffff_ffff
/** MQTT 5.0, section 3.1.2.11.3, and the number of packet identifiers. */
export const MAX_UNACKNOWLEDGED = 65_535

/** What mqtt.js is told. */
export function clientOptions(settings: MqttSettings, identity: Identity, version: 4 | 5): IClientOptions {
  const { endpoint } = settings
  const user = settings.user ?? endpoint.user
  const password = settings.password ?? endpoint.password
  const expiry = settings.sessionExpiryMs
  return {
    protocol: endpoint.protocol,
    host: endpoint.host,
    port: endpoint.port,
    ...(endpoint.path === undefined ? {} : { path: endpoint.path }),
    ...(user === undefined ? {} : { username: user }),
    ...(password === undefined ? {} : { password }),
    ...(identity.clientId === undefined ? {} : { clientId: identity.clientId }),
    clean: identity.clean,
    protocolVersion: version,
    keepalive: settings.keepaliveS,
    connectTimeout: settings.connectTimeoutMs,
    // A new connection would deliver again what this read already has: a lost one ends the read.
    reconnectPeriod: 0,
    resubscribe: false,
    ...(version === 5
      ? {
          properties: {
            receiveMaximum: MAX_UNACKNOWLEDGED,
            ...(identity.clean
              ? {}
              : { sessionExpiryInterval: expiry === undefined ? NEVER_EXPIRES : Math.ceil(expiry / 1000) }),
          },
        }
      : {}),
  }
}

/** TLS settings, with what is stored elsewhere read. */
export async function readTls(settings: MqttSettings, ctx: Context): Promise<IClientOptions> {
  const { tls, endpoint } = settings
  if (tls === undefined || (endpoint.protocol !== 'mqtts' && endpoint.protocol !== 'wss')) return {}
  const load = async (text: string): Promise<string> => {
    if (text.includes('-----BEGIN')) return text
    const pieces: Uint8Array[] = []
    for await (const piece of ctx.storage(text).stream()) pieces.push(piece)
    return Buffer.concat(pieces).toString('utf8')
  }
  return {
    rejectUnauthorized: !tls.insecure,
    ...(tls.ca === undefined ? {} : { ca: await load(tls.ca) }),
    ...(tls.cert === undefined ? {} : { cert: await load(tls.cert) }),
    ...(tls.key === undefined ? {} : { key: await load(tls.key) }),
    ...(tls.passphrase === undefined ? {} : { passphrase: tls.passphrase }),
    ...(tls.servername === undefined ? {} : { servername: tls.servername }),
  }
}
