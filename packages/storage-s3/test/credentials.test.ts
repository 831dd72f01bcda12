import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { failureOf, openStore } from '@omni/testkit'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { s3 } from '../src/storage.ts'

// Everywhere the SDK would look is empty, or a file of this test.
const before = { ...process.env }
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'omni-aws-'))
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name]
  process.env['AWS_EC2_METADATA_DISABLED'] = 'true'
  process.env['AWS_CONFIG_FILE'] = join(folder, 'config')
  process.env['AWS_SHARED_CREDENTIALS_FILE'] = join(folder, 'credentials')
})
afterEach(() => {
  process.env = { ...before }
  rmSync(folder, { recursive: true, force: true })
})

it('says which providers were asked when there are no credentials', async () => {
  const error = await failureOf(openStore(s3, { region: 'us-east-1' }).object('s3://bucket/key').head())
  expect(error).toMatchObject({ kind: 'auth', code: 's3.credentials' })
  expect(error.message).toMatch(/the environment, the default profile .*web identity.*container.*instance/)
})

it('refuses a profile that asks for a token code', async () => {
  writeFileSync(
    join(folder, 'config'),
    '[profile careful]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = base\nmfa_serial = arn:aws:iam::123456789012:mfa/SERIAL\n',
  )
  writeFileSync(
    join(folder, 'credentials'),
    '[base]\naws_access_key_id = AKID\naws_secret_access_key = PLANTED\n',
  )
  const error = await failureOf(
    openStore(s3, { region: 'us-east-1', profile: 'careful' }).object('s3://bucket/key').head(),
  )
  expect(error).toMatchObject({ kind: 'auth', code: 's3.mfa' })
  expect(error.message).not.toMatch(/PLANTED|SERIAL/)
})

it('says that a profile is not there', async () => {
  const error = await failureOf(
    openStore(s3, { region: 'us-east-1', profile: 'nobody' }).object('s3://bucket/key').head(),
  )
  expect(error).toMatchObject({ kind: 'auth', code: 's3.credentials' })
  expect(error.message).toMatch(/asked: the profile/)
})
