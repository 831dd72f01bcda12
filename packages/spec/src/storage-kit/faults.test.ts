import { describe, expect, it } from 'vitest'
import { type Fault, fault } from '../fault.ts'
import {
  commonFaults,
  connectionFault,
  createFaultOf,
  type StoreFailure,
  type StoreFault,
  statusFault,
} from './faults.ts'

const COMMON = commonFaults('shelf')
const NO_BOOK: StoreFault = {
  kind: 'missing',
  code: 'shelf.book',
  why: (place, said) => `There is no ${place}${said}.`,
  fix: 'Look elsewhere.',
}

interface Thrown {
  readonly name?: string
  readonly status?: number
  readonly code?: string
  readonly message?: string
  readonly after?: string
}

const faultOf: (error: unknown, doing: { book: string }) => Fault = createFaultOf({
  place: ({ book }: { book: string }) => `shelf://${book}`,
  read: (error): StoreFailure => {
    const { status, code = '', message = '', after } = error as Thrown
    return { status, code, message, said: code === '' ? '' : ` (${code})`, retryAfter: after }
  },
  classify: (failure) =>
    failure.code === 'Gone'
      ? fault({ kind: 'position', code: 'shelf.gone', why: 'Gone.', fix: 'Begin again.' })
      : (connectionFault(failure, COMMON) ?? statusFault(failure.status, { 404: NO_BOOK }, COMMON)),
})

const codeOf = (thrown: Thrown): string => {
  const { kind, code } = faultOf(thrown, { book: 'a' })
  return `${kind} ${code}`
}

describe('what a store fails with', () => {
  it('tells the ways of a connection apart by the codes of the network and of TLS', () => {
    const said: Readonly<Record<string, string>> = {
      ECONNREFUSED: 'unavailable shelf.refused',
      ECONNRESET: 'unavailable shelf.network',
      ETIMEDOUT: 'unavailable shelf.network',
      ERR_STREAM_PREMATURE_CLOSE: 'unavailable shelf.network',
      UND_ERR_SOCKET: 'unavailable shelf.network',
      ENOTFOUND: 'unavailable shelf.name',
      EAI_AGAIN: 'unavailable shelf.name',
      CERT_HAS_EXPIRED: 'config shelf.certificate',
      DEPTH_ZERO_SELF_SIGNED_CERT: 'config shelf.certificate',
      UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'config shelf.certificate',
    }
    for (const [code, expected] of Object.entries(said)) expect(codeOf({ code })).toBe(expected)
    expect(codeOf({ message: 'connect ECONNREFUSED 127.0.0.1:1' })).toBe('unavailable shelf.refused')
    expect(codeOf({ message: 'The request timed out' })).toBe('unavailable shelf.network')
    // A key of a store may spell anything.
    expect(codeOf({ message: 'GET /CERT.csv: socket hang up ECONNRESET' })).toBe('unavailable shelf.network')
  })

  it('knows what a status means in every store, after what it means in this one', () => {
    const said: Readonly<Record<number, string>> = {
      400: 'config shelf.refused-request',
      404: 'missing shelf.book',
      408: 'unavailable shelf.unavailable',
      409: 'unavailable shelf.unavailable',
      416: 'config shelf.refused-request',
      429: 'throttled shelf.throttled',
      500: 'unavailable shelf.unavailable',
      503: 'throttled shelf.throttled',
    }
    for (const [status, expected] of Object.entries(said))
      expect(codeOf({ status: Number(status) })).toBe(expected)
    expect(codeOf({})).toBe('unavailable shelf.unavailable')
  })

  it('names the place and the word of the store, keeps the cause out of sight, and waits where it is asked to', () => {
    const error = faultOf({ status: 404, code: 'NoBook', message: 'SECRET' }, { book: 'a' })
    expect(error.message).toBe('There is no shelf://a (NoBook). Look elsewhere.')
    expect(JSON.stringify(error)).not.toContain('SECRET')
    expect(faultOf({ status: 503, after: '2' }, { book: 'a' }).retryAfterMs).toBe(2000)
    for (const after of ['0', 'Wed, 21 Oct 2026 07:28:00 GMT', ''])
      expect(faultOf({ status: 503, after }, { book: 'a' }).retryAfterMs).toBeUndefined()
    // Only who asks to slow down says how long.
    expect(faultOf({ status: 500, after: '2' }, { book: 'a' }).retryAfterMs).toBeUndefined()
  })

  it('lets a fault pass, takes one in place of a row, and knows a run that was stopped', () => {
    const known = fault({ kind: 'bug', code: 'x', why: 'x', fix: 'x' })
    expect(faultOf(known, { book: 'a' })).toBe(known)
    expect(codeOf({ code: 'Gone' })).toBe('position shelf.gone')
    expect(codeOf({ name: 'AbortError', status: 404 })).toBe('aborted run.aborted')
    for (const thrown of ['text', 7, {}])
      expect(codeOf(thrown as Thrown)).toBe('unavailable shelf.unavailable')
  })
})
