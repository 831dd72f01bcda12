import { expect, it } from 'vitest'
import { codeOf, faultOf } from './errors.ts'

const PLACE = { container: 'box', key: 'a/b' }
const headers = (all: Readonly<Record<string, string>>): object => ({ headers: new Headers(all) })

it('gives every answer of the service its own fault', () => {
  const said: readonly (readonly [error: object, expected: string])[] = [
    [{ statusCode: 404, code: 'ContainerNotFound' }, 'missing azure.container'],
    [{ statusCode: 404, response: headers({ 'x-ms-error-code': 'BlobNotFound' }) }, 'missing azure.blob'],
    [{ statusCode: 404 }, 'missing azure.blob'],
    [{ statusCode: 403, code: 'AuthenticationFailed' }, 'auth azure.login'],
    [{ statusCode: 401 }, 'auth azure.login'],
    [{ statusCode: 403, code: 'AuthorizationPermissionMismatch' }, 'auth azure.denied'],
    [{ statusCode: 403 }, 'auth azure.denied'],
    [{ statusCode: 403, details: { errorCode: 'KeyVaultEncryptionKeyNotFound' } }, 'auth azure.key-vault'],
    [{ statusCode: 409, code: 'BlobImmutableDueToPolicy' }, 'auth azure.immutable'],
    [{ statusCode: 412, code: 'LeaseIdMissing' }, 'auth azure.immutable'],
    [{ statusCode: 412, code: 'ConditionNotMet' }, 'unavailable storage.changed'],
    [{ statusCode: 409, code: 'BlobArchived' }, 'unsupported azure.archived'],
    [{ statusCode: 503, code: 'ServerBusy' }, 'throttled azure.throttled'],
    [{ statusCode: 429 }, 'throttled azure.throttled'],
    [{ statusCode: 500, code: 'InternalError' }, 'unavailable azure.unavailable'],
    [{ statusCode: 400, code: 'InvalidResourceName' }, 'config azure.refused-request'],
    [{ code: 'ECONNREFUSED' }, 'unavailable azure.refused'],
    [{ code: 'ENOTFOUND' }, 'unavailable azure.name'],
    [{ code: 'REQUEST_SEND_ERROR' }, 'unavailable azure.network'],
    [{ code: 'CERT_HAS_EXPIRED' }, 'config azure.certificate'],
    [{ name: 'CredentialUnavailableError' }, 'auth azure.credentials'],
    [{ name: 'AbortError' }, 'aborted run.aborted'],
  ]
  for (const [error, expected] of said) {
    const { kind, code } = faultOf(error, PLACE)
    expect(`${kind} ${code}`, JSON.stringify(error)).toBe(expected)
  }
})

it("says the service's own word, if it is one, and for how long to wait", () => {
  const odd = faultOf({ statusCode: 400, code: 'InvalidResourceName', message: 'SECRET' }, PLACE)
  expect(odd.why).toBe('The store does not accept the request for box/a/b (InvalidResourceName).')
  expect(faultOf({ statusCode: 400, code: 'sig=SECRET' }, { container: 'box' }).why).toBe(
    'The store does not accept the request for the container box.',
  )
  const busy = { statusCode: 503, code: 'ServerBusy', response: headers({ 'retry-after': '3' }) }
  expect(faultOf(busy, PLACE).retryAfterMs).toBe(3000)
  expect(codeOf({})).toBe('')
})
