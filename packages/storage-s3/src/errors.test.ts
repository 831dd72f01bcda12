import { expect, it } from 'vitest'
import { credentialsFault, faultOf } from './errors.ts'

const PLACE = { bucket: 'b', key: 'k' }
const answered = (httpStatusCode: number, more: object = {}): object => ({
  $metadata: { httpStatusCode },
  ...more,
})

it('gives every answer of the service its own fault', () => {
  const said: readonly (readonly [error: object, expected: string])[] = [
    [answered(404, { name: 'NoSuchBucket' }), 'missing s3.bucket'],
    [answered(404, { name: 'NotFound' }), 'missing s3.object'],
    [answered(404), 'missing s3.object'],
    [answered(403, { name: 'AccessDenied' }), 'auth s3.denied'],
    [answered(401), 'auth s3.denied'],
    [answered(403, { name: 'InvalidAccessKeyId' }), 'auth s3.access-key'],
    [answered(403, { name: 'SignatureDoesNotMatch' }), 'auth s3.signature'],
    [answered(400, { name: 'ExpiredToken' }), 'auth s3.token'],
    [answered(403, { name: 'RequestTimeTooSkewed' }), 'auth s3.clock'],
    [answered(400, { name: 'KMS.DisabledException' }), 'auth s3.kms'],
    [
      answered(403, { name: 'AccessDenied', message: 'not authorized to perform: kms:Decrypt' }),
      'auth s3.kms',
    ],
    [answered(412), 'unavailable storage.changed'],
    [answered(503, { name: 'SlowDown' }), 'throttled s3.throttled'],
    [answered(429), 'throttled s3.throttled'],
    [answered(500, { name: 'InternalError' }), 'unavailable s3.unavailable'],
    [answered(408), 'unavailable s3.unavailable'],
    [answered(409), 'unavailable s3.unavailable'],
    [answered(501), 'unsupported s3.not-implemented'],
    [answered(403, { name: 'InvalidObjectState' }), 'unsupported s3.archived'],
    [answered(400, { name: 'Odd' }), 'config s3.refused-request'],
    [answered(301, { name: 'PermanentRedirect' }), 'config s3.region'],
    [{ code: 'ECONNREFUSED' }, 'unavailable s3.refused'],
    [{ code: 'ENOTFOUND' }, 'unavailable s3.name'],
    [{ name: 'TimeoutError' }, 'unavailable s3.network'],
    // A body that breaks off comes with the status of its beginning.
    [answered(200, { code: 'ECONNRESET' }), 'unavailable s3.network'],
    [{ code: 'CERT_HAS_EXPIRED' }, 'config s3.certificate'],
    [{ message: 'ECONNRESET' }, 'unavailable s3.failed'],
    [{ name: 'AbortError' }, 'aborted run.aborted'],
  ]
  for (const [error, expected] of said) {
    const { kind, code } = faultOf(error, PLACE)
    expect(`${kind} ${code}`, JSON.stringify(error)).toBe(expected)
  }
})

it('takes a vague refusal for one of the key where a key was sent, names the region, says how long to wait', () => {
  expect(faultOf(answered(403, { name: 'Forbidden' }), { ...PLACE, ownKey: true }).code).toBe(
    's3.customer-key',
  )
  const away = { $response: { statusCode: 400, headers: { 'x-amz-bucket-region': 'eu-central-1' } } }
  expect(faultOf(away, PLACE)).toMatchObject({
    why: 'The bucket b is in the region eu-central-1.',
    fix: 'Set region to eu-central-1.',
  })
  const slow = { name: 'SlowDown', $response: { statusCode: 503, headers: { 'retry-after': '3' } } }
  expect(faultOf(slow, PLACE).retryAfterMs).toBe(3000)
  expect(faultOf(answered(400, { name: 'Odd', message: 'SECRET' }), PLACE).why).toBe(
    'The store does not accept the request for s3://b/k (Odd).',
  )
})

it('tells why there are no credentials', () => {
  const codeOf = (error: object): string => credentialsFault(error, 'a profile').code
  expect(codeOf({ code: 'ECONNREFUSED' })).toBe('s3.sts')
  expect(codeOf({ name: 'TimeoutError' })).toBe('s3.sts')
  expect(codeOf(answered(503))).toBe('s3.sts')
  expect(codeOf(answered(403, { name: 'AccessDenied' }))).toBe('s3.role')
  expect(codeOf({ message: 'Profile x requires multi-factor authentication' })).toBe('s3.mfa')
  expect(codeOf({ message: 'The SSO session has expired' })).toBe('s3.sso')
  expect(codeOf({ message: 'Could not load credentials from any providers' })).toBe('s3.credentials')
  expect(codeOf({ code: 'CERT_HAS_EXPIRED' })).toBe('s3.credentials')
})
