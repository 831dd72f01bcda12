import type { FaultInit } from '@omni/spec'

type Row = Omit<FaultInit, 'cause'>

const NETWORK_FIX = 'Check the address and the network, then run it again.'

const unavailable = (code: string, why: string): Row => ({ kind: 'unavailable', code, why, fix: NETWORK_FIX })

/**
 * Error codes that mean the same whichever driver they come from.
 * https://nodejs.org/api/errors.html#common-system-errors, https://undici.nodejs.org/#/docs/api/Errors
 */
export const NETWORK_FAULTS: Readonly<Record<string, Row>> = {
  ECONNREFUSED: unavailable('net.refused', 'The system refused the connection.'),
  ECONNRESET: unavailable('net.reset', 'The system broke off the connection.'),
  ECONNABORTED: unavailable('net.reset', 'The connection was broken off.'),
  EPIPE: unavailable('net.reset', 'The system closed the connection.'),
  ETIMEDOUT: unavailable('net.timeout', 'The system did not answer in time.'),
  ENOTFOUND: unavailable('net.name', 'The name of the system is not known.'),
  EAI_AGAIN: unavailable('net.name', 'The name of the system could not be looked up.'),
  EHOSTUNREACH: unavailable('net.unreachable', 'The system cannot be reached.'),
  ENETUNREACH: unavailable('net.unreachable', 'The network cannot be reached.'),
  EHOSTDOWN: unavailable('net.unreachable', 'The system is down.'),
  EADDRNOTAVAIL: unavailable('net.unreachable', 'The address cannot be used from here.'),
  UND_ERR_CONNECT_TIMEOUT: unavailable('net.timeout', 'The system did not accept a connection in time.'),
  UND_ERR_HEADERS_TIMEOUT: unavailable('net.timeout', 'The system did not answer in time.'),
  UND_ERR_BODY_TIMEOUT: unavailable('net.timeout', 'The system stopped in the middle of its answer.'),
  UND_ERR_SOCKET: unavailable('net.reset', 'The system broke off the connection.'),
  ERR_STREAM_PREMATURE_CLOSE: unavailable('net.reset', 'The data ended before it was complete.'),
  DEPTH_ZERO_SELF_SIGNED_CERT: certificate('is self-signed'),
  SELF_SIGNED_CERT_IN_CHAIN: certificate('is signed by an unknown authority'),
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: certificate('cannot be verified'),
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: certificate('cannot be verified'),
  CERT_HAS_EXPIRED: certificate('has expired'),
  ERR_TLS_CERT_ALTNAME_INVALID: certificate('is for another name'),
  ERR_INVALID_URL: {
    kind: 'config',
    code: 'net.url',
    why: 'The address is not a valid URL.',
    fix: 'Correct the address.',
  },
}

/** Error codes of the local disk. */
export const DISK_FAULTS: Readonly<Record<string, Row>> = {
  ENOSPC: disk('unavailable', 'storage.full', 'The disk is full.', 'Free some space and run it again.'),
  EDQUOT: disk(
    'unavailable',
    'storage.full',
    'The disk quota is used up.',
    'Free some space and run it again.',
  ),
  EFBIG: disk(
    'unavailable',
    'storage.full',
    'The file is larger than the disk allows.',
    'Write to another disk.',
  ),
  EROFS: disk(
    'auth',
    'storage.readonly',
    'The folder is on a read-only disk.',
    'Choose another with --root.',
  ),
  EACCES: disk('auth', 'storage.denied', 'The folder or file may not be used.', 'Change its rights.'),
  EPERM: disk('auth', 'storage.denied', 'The folder or file may not be used.', 'Change its rights.'),
  ENOENT: disk('missing', 'storage.missing', 'A file or folder is not there.', 'Check the path.'),
  ENOTDIR: disk('config', 'storage.path', 'A part of the path is a file, not a folder.', 'Correct the path.'),
  EISDIR: disk('config', 'storage.path', 'The path is a folder, not a file.', 'Correct the path.'),
  ENAMETOOLONG: disk('config', 'storage.path', 'The path is too long.', 'Choose a shorter one.'),
  ELOOP: disk('config', 'storage.path', 'The path has a loop of links.', 'Correct the path.'),
  EMFILE: disk('unavailable', 'storage.handles', 'Too many files are open.', 'Raise the limit (ulimit -n).'),
  ENFILE: disk('unavailable', 'storage.handles', 'Too many files are open on this machine.', 'Close some.'),
  EIO: disk('unavailable', 'storage.broken', 'The disk failed to read or write.', 'Check the disk.'),
  EBUSY: disk('unavailable', 'storage.busy', 'The file is in use.', 'Run it again.'),
}

function certificate(what: string): Row {
  return {
    kind: 'unavailable',
    code: 'net.certificate',
    why: `The certificate of the system ${what}.`,
    fix: 'Have it corrected, or set NODE_EXTRA_CA_CERTS to the authority that signed it.',
  }
}

function disk(kind: Row['kind'], code: string, why: string, fix: string): Row {
  return { kind, code, why, fix }
}
