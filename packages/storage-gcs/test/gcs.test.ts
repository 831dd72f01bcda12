import { failureOf, openStore } from '@omni/testkit'
import { describeStorage, serverFor } from '@omni/testkit/vitest'
import { describe, expect, it } from 'vitest'
import { optionsSchema } from '../src/options.ts'
import { gcs } from '../src/storage.ts'
import { worldOf } from './world.ts'

describeStorage('gcs', async (ctx) => worldOf(await serverFor(ctx, 'gcs')), {
  timeoutMs: 60_000,
  waivers: {
    S38: 'fake-gcs-server keeps no track of a resumable session: it ends it when asked how far it is, and takes a chunk twice',
  },
})

describeStorage('gcs on disk', async (ctx) => worldOf(await serverFor(ctx, 'gcs', ['restart'])), {
  only: ['S50', 'S51'],
})

describe('gcs, who asks', () => {
  const wrong = (input: unknown): string[] =>
    (optionsSchema.safeParse(input).error?.issues ?? []).map(({ path }) => path.join('.'))

  it('lists every option that does not go with another', () => {
    expect(wrong({ anonymous: true, keyFile: 'x' })).toEqual(['keyFile'])
    expect(wrong({ credentials: '{}', partBytes: 300_000, encryptionKey: 'short' }).sort()).toEqual([
      'credentials',
      'encryptionKey',
      'partBytes',
    ])
    expect(wrong({ nonsense: 1 }).length).toBe(1)
  })

  it('says that a key is none, without quoting it', async () => {
    const credentials = JSON.stringify({ client_email: 'a@example.com', private_key: 'PLANTED' })
    const error = await failureOf(
      openStore(gcs, { credentials, maxAttempts: 1 }).object('gs://bucket/key').head(),
    )
    expect(error).toMatchObject({ kind: 'auth', code: 'gcs.login' })
    expect(error.message).not.toContain('PLANTED')
  })

  it('says that a key file is not there', async () => {
    const error = await failureOf(
      openStore(gcs, { keyFile: '/nowhere/key.json' }).object('gs://bucket/key').head(),
    )
    expect(error).toMatchObject({ kind: 'auth', code: 'gcs.credentials' })
  })
})
