import { randomUUID } from 'node:crypto'
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob'
import type { Server, StorageWorld } from '@omni/testkit'
import { azure } from '../src/storage.ts'

/** Login and address of a server as the options take them. */
export interface Login {
  readonly origin: string
  readonly options: { readonly endpoint: string; readonly account: string; readonly accountKey: string }
}

export function loginOf(server: Server): Login {
  const { username, password, origin, pathname } = new URL(server.url)
  const account = decodeURIComponent(username)
  return {
    origin,
    options: { endpoint: `${origin}${pathname}`, account, accountKey: decodeURIComponent(password) },
  }
}

/** A client of the SDK itself. */
export function sdkOf({ options }: Login): BlobServiceClient {
  const { account, accountKey, endpoint } = options
  return new BlobServiceClient(endpoint, new StorageSharedKeyCredential(account, accountKey))
}

/** A world in a container of its own. */
export async function worldOf(server: Server): Promise<StorageWorld> {
  const login = loginOf(server)
  const { options } = login
  const container = `omni-${randomUUID()}`
  await sdkOf(login).createContainer(container)
  const root = `az://${container}/check/`
  const wrongKey = Buffer.from('not the key of this account').toString('base64')
  return {
    storage: azure as unknown as StorageWorld['storage'],
    options,
    root,
    ...(server.process && { process: server.process }),
    wire: {
      endpoint: login.origin,
      through: (endpoint) => ({ ...options, endpoint: `${endpoint}/${options.account}`, maxAttempts: 4 }),
      slowDown: {
        status: 503,
        headers: { 'content-type': 'application/xml', 'x-ms-error-code': 'ServerBusy', 'retry-after': '1' },
        body: '<?xml version="1.0" encoding="utf-8"?><Error><Code>ServerBusy</Code><Message>The server is busy.</Message></Error>',
      },
    },
    refuses: ['back\\slash'],
    broken: [
      {
        title: 'a missing container',
        url: `az://omni-${randomUUID()}/key`,
        kind: 'missing',
        code: 'azure.container',
      },
      {
        title: 'a wrong key',
        options: { ...options, accountKey: wrongKey },
        url: `${root}key`,
        kind: 'auth',
        secrets: [wrongKey, options.accountKey],
      },
      {
        title: 'a private container without a login',
        options: { endpoint: options.endpoint, anonymous: true },
        url: `${root}key`,
        kind: 'auth',
        by: ['list', 'put'],
      },
    ],
  }
}
