import { randomUUID } from 'node:crypto'
import {
  AccountSASPermissions,
  AccountSASResourceTypes,
  AccountSASServices,
  generateAccountSASQueryParameters,
  StorageSharedKeyCredential,
} from '@azure/storage-blob'
import { failureOf, openStore } from '@omni/testkit'
import { describeStorage, serverFor } from '@omni/testkit/vitest'
import { describe, expect, it } from 'vitest'
import { parseAddress } from '../src/address.ts'
import { optionsSchema } from '../src/options.ts'
import { azure } from '../src/storage.ts'
import { loginOf, sdkOf, worldOf } from './world.ts'

describeStorage('azure', async (ctx) => worldOf(await serverFor(ctx, 'azure')), { timeoutMs: 60_000 })

describeStorage('azure on disk', async (ctx) => worldOf(await serverFor(ctx, 'azure', ['restart'])), {
  only: ['S50', 'S51'],
})

describe('azure, who asks', () => {
  it('lets a SAS token and a connection string in, and says when the token has expired', async (ctx) => {
    const login = loginOf(await serverFor(ctx, 'azure'))
    const { account, accountKey, endpoint } = login.options
    const container = `omni-${randomUUID()}`
    await sdkOf(login).createContainer(container)
    const tokenUntil = (ms: number): string =>
      generateAccountSASQueryParameters(
        {
          expiresOn: new Date(Date.now() + ms),
          startsOn: new Date(Date.now() - 7_200_000),
          permissions: AccountSASPermissions.parse('rwdlacx'),
          services: AccountSASServices.parse('b').toString(),
          resourceTypes: AccountSASResourceTypes.parse('sco').toString(),
        },
        new StorageSharedKeyCredential(account, accountKey),
      ).toString()
    const ways = [
      { endpoint, sasToken: tokenUntil(600_000) },
      { endpoint, sasToken: `?${tokenUntil(600_000)}` },
      {
        connectionString: `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${accountKey};BlobEndpoint=${endpoint};`,
      },
    ]
    for (const options of ways) {
      const store = openStore(azure, options)
      await store.put(`az://${container}/a`, Buffer.from('text'))
      await store.copy(`az://${container}/a`, `az://${container}/b`)
      expect(
        Buffer.from(await store.object(`az://${container}/b`).read({ start: 0, end: 9 })).toString(),
      ).toBe('text')
    }
    const late = tokenUntil(-3_600_000)
    const error = await failureOf(
      openStore(azure, { endpoint, sasToken: late }).object(`az://${container}/a`).head(),
    )
    expect(error.kind).toBe('auth')
    expect(error.message).not.toContain(late)
  })

  it('reads the address of a data lake', async (ctx) => {
    const login = loginOf(await serverFor(ctx, 'azure'))
    const container = `omni-${randomUUID()}`
    await sdkOf(login).createContainer(container)
    const store = openStore(azure, login.options)
    const url = `abfss://${container}@${login.options.account}.dfs.core.windows.net/folder/a b.txt`
    await store.put(url, Buffer.from('text'))
    expect(await store.object(url).head()).toMatchObject({ url, name: 'a b.txt', size: 4 })
    const [listed] = await Array.fromAsync(store.object(url).list())
    expect(listed?.url).toBe(url)
    expect(parseAddress(url)).toMatchObject({ container, key: 'folder/a b.txt' })
  })

  it('asks for the account where nothing says it', async () => {
    const error = await failureOf(openStore(azure, { anonymous: true }).object('az://container/blob').head())
    expect(error).toMatchObject({ kind: 'config', code: 'azure.account' })
  })

  it('lists every option that does not go with another', () => {
    const wrong = (input: unknown): string[] =>
      (optionsSchema.safeParse(input).error?.issues ?? []).map(({ path }) => path.join('.'))
    expect(wrong({ anonymous: true, accountKey: 'QUJD' })).toEqual(['anonymous'])
    expect(wrong({ account: 'No', connectionString: 'x' }).sort()).toEqual([
      'account',
      'account',
      'connectionString',
    ])
  })
})
