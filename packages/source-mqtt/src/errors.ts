import { type Fault, type FaultInit, type FaultKind, fault } from '@omni/spec'

type Row = readonly [kind: FaultKind, code: string, why: string, fix: string]

const credentials = 'Check user, password and the rights of the user.'

/**
 * Reason codes of CONNACK, SUBACK and DISCONNECT. MQTT 5.0, section 2.4
 * (https://docs.oasis-open.org/mqtt/mqtt/v5.0/mqtt-v5.0.html#_Toc3901031); 1 to 5 are return codes of MQTT
 * 3.1.1, section 3.2.2.3.
 */
const reasons: Readonly<Record<number, Row>> = {
  1: [
    'config',
    'mqtt.protocol',
    'The broker does not speak this protocol version.',
    'Leave `protocol` at auto.',
  ],
  2: ['config', 'mqtt.client-id', 'The broker refuses the client identifier.', 'Choose another `clientId`.'],
  3: ['unavailable', 'mqtt.connect', 'The broker is not available.', 'Try again later.'],
  4: ['auth', 'mqtt.auth', 'The broker refuses the user name or password.', credentials],
  5: ['auth', 'mqtt.auth', 'The broker refuses the connection: not authorized.', credentials],
  128: [
    'auth',
    'mqtt.subscribe',
    'The broker refuses the subscription.',
    'Check the topics and the rights of the user.',
  ],
  132: [
    'config',
    'mqtt.protocol',
    'The broker does not speak this protocol version.',
    'Leave `protocol` at auto.',
  ],
  133: [
    'config',
    'mqtt.client-id',
    'The broker refuses the client identifier.',
    'Choose another `clientId`.',
  ],
  134: ['auth', 'mqtt.auth', 'The broker refuses the user name or password.', credentials],
  135: ['auth', 'mqtt.auth', 'The broker refuses: not authorized.', credentials],
  136: ['unavailable', 'mqtt.connect', 'The broker is not available.', 'Try again later.'],
  137: ['throttled', 'mqtt.busy', 'The broker is busy.', 'Try again later.'],
  138: ['auth', 'mqtt.banned', 'The broker has banned this client.', 'Ask its administrator.'],
  139: ['unavailable', 'mqtt.closed', 'The broker is shutting down.', 'Try again later.'],
  140: ['auth', 'mqtt.auth', 'The broker refuses this way of authentication.', credentials],
  141: ['unavailable', 'mqtt.closed', 'The broker saw no sign of life.', 'Try again, or lower `keepaliveS`.'],
  142: [
    'unavailable',
    'mqtt.taken-over',
    'Another client took over the session.',
    'Give each collector its own `clientId`.',
  ],
  143: ['config', 'mqtt.topic', 'The broker refuses the topic filter.', 'Correct `topics`.'],
  151: [
    'throttled',
    'mqtt.quota',
    'A quota of the broker is used up.',
    'Try again later, or ask its administrator.',
  ],
  158: [
    'unsupported',
    'mqtt.subscribe',
    'The broker knows no shared subscriptions.',
    'Name the topics without $share.',
  ],
  159: ['throttled', 'mqtt.busy', 'The broker limits the rate of connections.', 'Try again later.'],
  162: ['unsupported', 'mqtt.subscribe', 'The broker allows no wildcards.', 'Name the topics in full.'],
}

/** Codes of the network and of TLS, by how they begin. https://nodejs.org/api/errors.html */
const network: readonly (readonly [prefix: RegExp, row: Row])[] = [
  [
    /^(ENOTFOUND|EAI_)/,
    [
      'unavailable',
      'mqtt.connect',
      'The name of the broker cannot be resolved.',
      'Check the host and the network.',
    ],
  ],
  [
    /^(DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|CERT_|HOSTNAME_|ERR_TLS|ERR_OSSL|ERR_SSL)/,
    [
      'config',
      'mqtt.tls',
      'The TLS connection to the broker cannot be trusted or made.',
      'Check `tls.ca`, `tls.cert` and `tls.key`, and that the port speaks TLS.',
    ],
  ],
  [
    /^(ECONNRESET|EPIPE)/,
    [
      'unavailable',
      'mqtt.closed',
      'The connection to the broker broke off.',
      'Run it again: a persistent session delivers again what was not saved. No other client may use its `clientId`.',
    ],
  ],
  [
    /^(ECONN|ETIMEDOUT|EHOST|ENET|EADDR|UND_)/,
    [
      'unavailable',
      'mqtt.connect',
      'The broker cannot be reached.',
      'Check host and port, and that it runs.',
    ],
  ],
]

/** A driver's error to a fault, or undefined when it is not known. */
export function classify(error: unknown): FaultInit | undefined {
  const code = codeOf(error)
  const row =
    typeof code === 'number' ? reasons[code] : network.find(([prefix]) => prefix.test(String(code)))?.[1]
  if (row === undefined) return undefined
  return { kind: row[0], code: row[1], why: row[2], fix: row[3], cause: error }
}

/** The fault for a reason code of the protocol; unknown ones are an unavailable broker. */
export function faultOfReason(code: number): Fault {
  return fault(
    classify({ code }) ?? {
      kind: 'unavailable',
      code: 'mqtt.closed',
      why: `The broker closed the connection with reason ${code}.`,
      fix: 'Look it up in MQTT 5.0, section 2.4, and in the log of the broker.',
    },
  )
}

/** The fault for whatever the driver said; without a code the connection just ended. */
export function faultOf(error: unknown, phase: 'connect' | 'read'): Fault {
  const code = codeOf(error)
  const known = classify(error)
  if (known !== undefined) return fault(known)
  if (typeof code === 'number') return faultOfReason(code)
  return phase === 'connect'
    ? fault({
        kind: 'unavailable',
        code: 'mqtt.connect',
        why: 'The broker did not answer, or closed the connection at once.',
        fix: 'Check host, port and protocol (mqtt or mqtts), and that the broker runs.',
        cause: error,
      })
    : fault({
        kind: 'unavailable',
        code: 'mqtt.closed',
        why: 'The connection to the broker broke off.',
        fix: 'Run it again: a persistent session delivers again what was not saved. No other client may use its `clientId`.',
        cause: error,
      })
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
}
