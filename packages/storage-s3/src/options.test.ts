import { folderInfo } from '@omni/spec/storage-kit'
import { expect, it } from 'vitest'
import { parseAddress } from './address.ts'
import { credentialsFault } from './errors.ts'
import { optionsSchema } from './options.ts'

const wrong = (input: unknown): string[] =>
  (optionsSchema.safeParse(input).error?.issues ?? []).map(({ path }) => path.join('.'))

it('lists every option that is wrong or does not go with another', () => {
  expect(wrong({})).toEqual([])
  expect(wrong({ accessKeyId: 'a' })).toEqual(['secretAccessKey'])
  expect(wrong({ externalId: 'a', sessionToken: 'b' })).toEqual(['sessionToken', 'externalId'])
  expect(wrong({ anonymous: true, roleArn: 'a' })).toEqual(['roleArn'])
  expect(wrong({ sse: 'AES256', kmsKeyId: 'a' })).toEqual(['kmsKeyId'])
  expect(wrong({ sseCustomerKey: Buffer.alloc(31).toString('base64'), endpoint: 'ftp://x' })).toEqual([
    'endpoint',
    'sseCustomerKey',
  ])
  expect(wrong({ sseCustomerKey: Buffer.alloc(32).toString('base64') })).toEqual([])
})

it('refuses a token code, and says the way out', () => {
  const { error } = optionsSchema.safeParse({ mfaSerial: 'arn:aws:iam::1:mfa/me' })
  expect(error?.issues[0]?.message).toMatch(/cannot type in a token code.*get-session-token/)
})

it('classifies what the credential providers say', () => {
  const codeOf = (error: unknown): string => credentialsFault(error, 'the profile').code
  const provider = (message: string): Error =>
    Object.assign(new Error(message), { name: 'CredentialsProviderError' })
  expect(
    codeOf(
      provider('Profile x requires multi-factor authentication, but no MFA code callback was provided.'),
    ),
  ).toBe('s3.mfa')
  expect(codeOf(provider('The SSO session associated with this profile has expired.'))).toBe('s3.sso')
  expect(codeOf(provider('Could not load credentials from any providers'))).toBe('s3.credentials')
  expect(codeOf(Object.assign(new Error('x'), { code: 'ECONNREFUSED' }))).toBe('s3.sts')
})

it('reads addresses as they are written', () => {
  expect(parseAddress('s3a://b/a b/%3F+#'.replace('#', '%23'))).toMatchObject({ bucket: 'b', key: 'a b/?+#' })
  expect(parseAddress('s3://b')).toMatchObject({ bucket: 'b', key: '' })
  expect(parseAddress('s3://b/k?versionId=a%2Fb')).toMatchObject({ key: 'k', versionId: 'a/b' })
  expect(folderInfo({ ...parseAddress('S3://b/x'), key: '/a?b' }).url).toBe('s3://b//a%3Fb')
  for (const url of ['s3://', 's3:///key', 's3://b/k?x', 's3://b/k#x', 'http://b/k'])
    expect(() => parseAddress(url)).toThrowError(/s3:\/\/bucket\/key/)
})
