import { fault } from '@omni/spec'
import { z } from 'zod'
import { explainFilter } from './topics.ts'
import type { PayloadMode } from './types.ts'

/** Options of `mqtt()`, as they are written. */
export interface MqttOptions {
  /** `mqtt://user:password@host:1883/sensors/+/temperature`; mqtts, ws, wss too. */
  readonly url: string
  /** Topic filters, with the wildcards + and #; in addition to one in the URL. */
  readonly topics?: string | readonly string[]
  /** Quality of service asked for. Default 1. */
  readonly qos?: 0 | 1
  readonly user?: string
  readonly password?: string
  /** Names the session on the broker. Needed for a persistent session. */
  readonly clientId?: string
  /** `persistent` (default with a clientId) or `clean` (default without). */
  readonly session?: 'persistent' | 'clean'
  /** How long the broker keeps the session between runs. Default: for ever. MQTT 5 only. */
  readonly sessionExpiryMs?: number
  /** 5, 3.1.1, or auto (default): 5 where the broker speaks it. */
  readonly protocol?: 'auto' | '5' | '3.1.1'
  /** The read ends after this many milliseconds in all. Default 60,000; 0: never. */
  readonly timeoutMs?: number
  /** The read ends this many milliseconds after the last message. Default 10,000; 0: never. */
  readonly idleMs?: number
  /** Milliseconds to wait for the broker's answers. Default 15,000. */
  readonly connectTimeoutMs?: number
  /** Seconds between signs of life. Default 60; 0: none. */
  readonly keepaliveS?: number
  /** auto (default), text, json or binary. */
  readonly payload?: PayloadMode
  /** Messages that the broker retained are kept. Default true. */
  readonly retained?: boolean
  /** Columns for the properties of MQTT 5 too. Default false. */
  readonly properties?: boolean
  readonly tls?: {
    readonly ca?: string
    readonly cert?: string
    readonly key?: string
    readonly passphrase?: string
    readonly servername?: string
    readonly insecure?: boolean
  }
}

const pem = 'PEM text, or where it is stored.'

/** Checked where they stand, so that every wrong option is named at once. */
const endpointUrl = z.string().superRefine((url, ctx) => {
  const endpoint = parseEndpoint(url)
  const why =
    typeof endpoint === 'string'
      ? endpoint
      : endpoint.topic === undefined
        ? undefined
        : explainFilter(endpoint.topic)
  if (why !== undefined) ctx.addIssue({ code: 'custom', message: why })
})
const filter = z.string().superRefine((text, ctx) => {
  const why = explainFilter(text)
  if (why !== undefined) ctx.addIssue({ code: 'custom', message: why })
})

const shape = z.strictObject({
  url: endpointUrl.describe(
    'mqtt://user:password@host:1883/topic/filter; mqtts, ws and wss too (there the path is the path).',
  ),
  topics: z
    .union([filter, z.array(filter)])
    .optional()
    .describe('Topic filters with the wildcards + and #, in addition to the one in the URL.'),
  qos: z
    .int()
    .min(0)
    .max(1)
    .default(1)
    .describe('Quality of service asked for: 0, or 1 (acknowledged only after the snapshot is durable).'),
  user: z.string().optional().describe('User name; the one in the URL by default.'),
  password: z.string().optional().describe('Password; the one in the URL by default.'),
  clientId: z.string().min(1).optional().describe('Names the session on the broker.'),
  session: z
    .enum(['persistent', 'clean'])
    .optional()
    .describe(
      'persistent: the broker keeps messages between runs (default with clientId). clean: it does not.',
    ),
  sessionExpiryMs: z
    .int()
    .min(1000)
    .optional()
    .describe('MQTT 5: milliseconds the broker keeps a persistent session between runs. Default: for ever.'),
  protocol: z
    .enum(['auto', '5', '3.1.1'])
    .default('auto')
    .describe('Protocol version; auto is 5 where the broker speaks it, else 3.1.1.'),
  timeoutMs: z.int().min(0).default(60_000).describe('The read ends after so long in all; 0: never.'),
  idleMs: z.int().min(0).default(10_000).describe('The read ends so long after the last message; 0: never.'),
  connectTimeoutMs: z.int().min(1).default(15_000).describe("Milliseconds to wait for the broker's answers."),
  keepaliveS: z.int().min(0).max(65_535).default(60).describe('Seconds between signs of life; 0: none.'),
  payload: z
    .enum(['auto', 'text', 'json', 'binary'])
    .default('auto')
    .describe(
      'auto: text, and bytes where it is no UTF-8. text, json: others to the quarantine. binary: bytes.',
    ),
  retained: z.boolean().default(true).describe('Keep messages that the broker retained.'),
  properties: z
    .boolean()
    .default(false)
    .describe('Columns for content type, user properties and so on (MQTT 5).'),
  tls: z
    .strictObject({
      ca: z.string().optional().describe(`Certificate authorities to trust: ${pem}`),
      cert: z.string().optional().describe(`Client certificate: ${pem}`),
      key: z.string().optional().describe(`Key of the client certificate: ${pem}`),
      passphrase: z.string().optional().describe('Passphrase of the key.'),
      servername: z.string().optional().describe("Name to find in the broker's certificate."),
      insecure: z.boolean().default(false).describe("Do not verify the broker's certificate."),
    })
    .optional()
    .describe('TLS settings for mqtts and wss.'),
})

type Defaulted =
  | 'qos'
  | 'protocol'
  | 'timeoutMs'
  | 'idleMs'
  | 'connectTimeoutMs'
  | 'keepaliveS'
  | 'payload'
  | 'retained'
  | 'properties'

/** Options with their defaults, as core keeps and redacts them. */
export interface MqttConfig extends Omit<MqttOptions, Defaulted>, Required<Pick<MqttOptions, Defaulted>> {}

/** A configuration with the URL taken apart, all topics together and the session decided. Never stored. */
export interface MqttSettings extends Omit<MqttConfig, 'topics' | 'session'> {
  readonly topics: readonly string[]
  readonly session: 'persistent' | 'clean'
  readonly endpoint: Endpoint
}

/** Where the broker is. */
export interface Endpoint {
  readonly protocol: 'mqtt' | 'mqtts' | 'ws' | 'wss'
  readonly host: string
  readonly port: number
  /** Of the web socket. */
  readonly path?: string
  readonly user?: string
  readonly password?: string
  /** The filter in the URL. */
  readonly topic?: string
}

const ports = { mqtt: 1883, mqtts: 8883, ws: 80, wss: 443 } as const

/**
 * Takes a broker's URL apart, or says what is wrong. By hand, because the WHATWG URL parser takes the wildcard
 * # for a fragment and drops it.
 */
export function parseEndpoint(url: string): Endpoint | string {
  const match = /^(?:mqtt\+)?(mqtts?|wss?):\/\/([^/?#]*)(?:\/(.*))?$/su.exec(url)
  if (match === null) return 'is not of the form mqtt://host:1883/topic'
  const [, protocol, authority, rest = ''] = match as unknown as [
    string,
    Endpoint['protocol'],
    string,
    string?,
  ]
  let base: URL
  let tail = rest
  try {
    base = new URL(`http://${authority}`)
    if (protocol.startsWith('mqtt')) tail = decodeURIComponent(rest)
  } catch {
    return 'is not a valid URL'
  }
  if (base.hostname === '') return 'names no host'
  const port = /:(\d+)$/.exec(authority)?.[1]
  return {
    protocol,
    host: base.hostname.replace(/^\[|\]$/g, ''),
    port: port === undefined ? ports[protocol] : Number(port),
    ...(base.username === '' ? {} : { user: decodeURIComponent(base.username) }),
    ...(base.password === '' ? {} : { password: decodeURIComponent(base.password) }),
    ...(protocol.startsWith('ws') ? { path: `/${tail}` } : tail === '' ? {} : { topic: tail }),
  }
}

const topicsOf = (config: Pick<MqttConfig, 'topics'>, endpoint: Endpoint): readonly string[] => [
  ...new Set([endpoint.topic ?? [], config.topics ?? []].flat()),
]
const sessionOf = ({
  session,
  clientId,
}: Pick<MqttConfig, 'session' | 'clientId'>): MqttSettings['session'] =>
  session ?? (clientId === undefined ? 'clean' : 'persistent')

/** The settings of a validated configuration. */
export function settingsOf(config: MqttConfig): MqttSettings {
  const endpoint = parseEndpoint(config.url)
  if (typeof endpoint === 'string')
    throw fault({ kind: 'config', code: 'mqtt.url', why: `The url ${endpoint}.`, fix: 'Correct it.' })
  return { ...config, topics: topicsOf(config, endpoint), session: sessionOf(config), endpoint }
}

/** Validates options. The cast is for zod's optional properties, which also take undefined. */
export const optionsSchema: z.ZodType<MqttConfig, MqttOptions> = shape.superRefine((options, ctx) => {
  const config = options as MqttConfig
  const endpoint = parseEndpoint(config.url)
  const issue = (option: string, message: string): void =>
    ctx.addIssue({ code: 'custom', path: [option], message })
  if (typeof endpoint !== 'string' && topicsOf(config, endpoint).length === 0)
    issue('topics', 'name at least one topic filter, as in sensors/#')
  if (sessionOf(config) === 'persistent' && config.clientId === undefined)
    issue('clientId', 'a persistent session needs a name of its own')
}) as unknown as z.ZodType<MqttConfig, MqttOptions>
