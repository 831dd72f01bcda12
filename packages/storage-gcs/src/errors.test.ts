import { expect, it } from 'vitest'
import { faultOf, noBucket } from './errors.ts'

const PLACE = { bucket: 'b', key: 'k' }
const because = (reason: string): object => ({ errors: [{ reason }] })

it('gives every answer of the service its own fault', () => {
  const said: readonly (readonly [error: object, expected: string])[] = [
    [{ code: 404, message: 'No such object: b/k' }, 'missing gcs.object'],
    [{ code: 404, message: 'The specified bucket does not exist.' }, 'missing gcs.bucket'],
    [{ code: 401 }, 'auth gcs.login'],
    [{ code: 403, ...because('forbidden') }, 'auth gcs.denied'],
    [{ code: 400, ...because('userProjectMissing') }, 'config gcs.user-project'],
    [{ code: 403, ...because('retentionPolicyNotMet') }, 'auth gcs.retention'],
    [{ code: 403, message: 'Permission denied on Cloud KMS key' }, 'auth gcs.kms'],
    [{ code: 400, ...because('customerEncryptionKeyIsIncorrect') }, 'auth gcs.customer-key'],
    [
      { code: 400, message: 'The target object is encrypted by a customer-supplied encryption key.' },
      'auth gcs.customer-key',
    ],
    [{ code: 412 }, 'unavailable storage.changed'],
    [{ code: 429, ...because('rateLimitExceeded') }, 'throttled gcs.throttled'],
    [{ response: { status: 503 } }, 'throttled gcs.throttled'],
    [{ code: 403, ...because('quotaExceeded') }, 'throttled gcs.throttled'],
    [{ code: 500 }, 'unavailable gcs.unavailable'],
    [{ code: 400 }, 'config gcs.refused-request'],
    [{ code: 'ECONNREFUSED' }, 'unavailable gcs.refused'],
    [{ cause: { code: 'ENOTFOUND' } }, 'unavailable gcs.name'],
    [{ message: 'request timed out' }, 'unavailable gcs.network'],
    [{ cause: { code: 'SELF_SIGNED_CERT_IN_CHAIN' } }, 'config gcs.certificate'],
    [{ message: 'Could not load the default credentials.' }, 'auth gcs.credentials'],
    [{ message: 'error:1E08010C:DECODER routines::unsupported' }, 'auth gcs.login'],
    [{ name: 'AbortError' }, 'aborted run.aborted'],
  ]
  for (const [error, expected] of said) {
    const { kind, code } = faultOf(error, PLACE)
    expect(`${kind} ${code}`, JSON.stringify(error)).toBe(expected)
  }
})

it('takes a vague refusal for one of the key where a key was sent, and says how long to wait', () => {
  expect(faultOf({ code: 400 }, { ...PLACE, ownKey: true }).code).toBe('gcs.customer-key')
  for (const headers of [{ 'retry-after': '3' }, new Headers({ 'retry-after': '3' })])
    expect(faultOf({ code: 503, response: { status: 503, headers } }, PLACE).retryAfterMs).toBe(3000)
  expect(faultOf({ code: 400, message: 'SECRET' }, PLACE).why).toBe(
    'The store does not accept the request for gs://b/k (400).',
  )
  expect(noBucket('b', undefined).why).toBe('There is no bucket of that name (gs://b).')
})
