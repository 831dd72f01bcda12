import { type Fault, type FaultInit, type FaultKind, fault } from '@omni/spec'

type Row = readonly [kind: FaultKind, code: string, why: string, fix: string]

/** Status codes that are no success. https://www.rfc-editor.org/rfc/rfc9110#section-15, RFC 6585 section 4. */
const statuses: Readonly<Record<number, Row>> = {
  401: ['auth', 'rest.auth', 'asks for credentials', 'Give `token` or `headers`.'],
  403: ['auth', 'rest.auth', 'refuses access', 'Check the rights of the token.'],
  404: ['missing', 'rest.missing', 'knows no such endpoint', 'Check the address.'],
  407: ['auth', 'rest.proxy', 'is behind a proxy that asks for credentials', 'Configure the proxy.'],
  408: ['unavailable', 'rest.status', 'timed out', 'Try again later.'],
  410: ['missing', 'rest.missing', 'has removed the endpoint', 'Check the address.'],
  429: [
    'throttled',
    'rest.throttled',
    'limits the rate of requests',
    'Try again later, or raise `maxRetryAfterMs`.',
  ],
  500: ['unavailable', 'rest.status', 'has an internal error', 'Try again later.'],
  502: ['unavailable', 'rest.status', 'is behind a gateway that got no answer', 'Try again later.'],
  503: ['unavailable', 'rest.status', 'is not available', 'Try again later.'],
  504: ['unavailable', 'rest.status', 'is behind a gateway that timed out', 'Try again later.'],
}

/** The fault for a status that is no success. `place` is without query and credentials. */
export function faultOfStatus(status: number, place: string, retryAfterMs?: number): Fault {
  const [kind, code, why, fix] = statuses[status] ?? otherStatus(status)
  return fault({
    kind,
    code,
    why: `${place} ${why} (HTTP ${status}).`,
    fix,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })
}

function otherStatus(status: number): Row {
  if (status >= 500) return ['unsupported', 'rest.status', 'cannot do this', 'Check address and parameters.']
  if (status >= 400) return ['config', 'rest.request', 'refuses the request', 'Check `params` and `headers`.']
  return ['data', 'rest.status', 'answers with an unexpected status', 'Check the address.']
}

/** Codes of the network and of TLS, by how they begin. https://nodejs.org/api/errors.html, undici's errors. */
const network: readonly (readonly [prefix: RegExp, row: Row])[] = [
  [/^ENOTFOUND/, ['config', 'rest.host', 'The name of the host cannot be resolved.', 'Check the address.']],
  [
    /^(DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|CERT_|HOSTNAME_|ERR_TLS|ERR_OSSL|ERR_SSL)/,
    [
      'config',
      'rest.tls',
      'The certificate of the host cannot be trusted.',
      'Add its authority to NODE_EXTRA_CA_CERTS, or correct the address.',
    ],
  ],
  [
    /^(UND_ERR_SOCKET|ECONNRESET|EPIPE)/,
    ['unavailable', 'rest.broken', 'The connection broke off.', 'Try again.'],
  ],
  [
    /^(ECONN|ETIMEDOUT|EHOST|ENET|EADDR|EAI_|UND_ERR)/,
    ['unavailable', 'rest.connect', 'The host cannot be reached.', 'Check the address and the network.'],
  ],
  [/^HPE_/, ['data', 'rest.http', 'The answer is no valid HTTP.', 'Check the address and the port.']],
]

/** `fetch` asks nothing of these ports, and says so without a code. https://fetch.spec.whatwg.org/#port-blocking */
const blockedPort: Row = [
  'config',
  'rest.port',
  'The port is one that HTTP clients refuse to use.',
  'Serve the API on another port.',
]

/** What `fetch` threw, as a fault's parts, or undefined when it is not known. */
export function classify(error: unknown): FaultInit | undefined {
  for (let at: unknown = error, depth = 0; at !== undefined && depth < 5; depth++) {
    const code = typeof at === 'object' && at !== null && 'code' in at ? String(at.code) : ''
    const isBlocked = at instanceof Error && at.message === 'bad port'
    const row = isBlocked ? blockedPort : network.find(([prefix]) => prefix.test(code))?.[1]
    if (row !== undefined) return { kind: row[0], code: row[1], why: row[2], fix: row[3], cause: error }
    at = typeof at === 'object' && at !== null && 'cause' in at ? at.cause : undefined
  }
  return undefined
}

/** The fault for what `fetch` or a body threw; without a known code the connection broke off. */
export function faultOfNetwork(error: unknown): Fault {
  return fault(
    classify(error) ?? {
      kind: 'unavailable',
      code: 'rest.broken',
      why: 'The connection broke off.',
      fix: 'Try again.',
      cause: error,
    },
  )
}
