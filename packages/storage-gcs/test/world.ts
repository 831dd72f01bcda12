import { randomUUID } from 'node:crypto'
import { Storage } from '@google-cloud/storage'
import { type Fault, isFault, type ObjectStore, validate } from '@omni/spec'
import type { Server, StorageWorld } from '@omni/testkit'
import { gcs } from '../src/storage.ts'

export function openStore(input: Readonly<Record<string, unknown>>): ObjectStore {
  const silent = (): void => {}
  return gcs.open(validate(gcs.options, input, 'gcs.options', 'Options'), {
    signal: new AbortController().signal,
    log: { debug: silent, info: silent, warn: silent },
    fetch: globalThis.fetch,
    now: Date.now,
  })
}

export async function failureOf(work: Promise<unknown>): Promise<Fault> {
  const error = await work.then(
    () => undefined,
    (failure: unknown) => failure,
  )
  if (!isFault(error)) throw new TypeError(`not a fault: ${String(error)}`)
  return error
}

/** A world in a bucket of its own, made by the SDK itself. */
export async function worldOf(server: Server): Promise<StorageWorld> {
  const name = `omni-${randomUUID()}`
  const sdk = new Storage({ apiEndpoint: server.url, projectId: 'test' })
  await sdk.createBucket(name)
  const options = { endpoint: server.url, projectId: 'test', anonymous: true }
  return {
    storage: gcs as unknown as StorageWorld['storage'],
    options,
    root: `gs://${name}/check/`,
    wire: {
      endpoint: server.url,
      through: (endpoint) => ({ ...options, endpoint, maxAttempts: 4 }),
      slowDown: {
        status: 503,
        headers: { 'content-type': 'application/json', 'retry-after': '1' },
        body: '{"error":{"code":503,"message":"Backend Error","errors":[{"reason":"backendError"}]}}',
      },
    },
    broken: [
      {
        title: 'a missing bucket',
        url: `gs://omni-${randomUUID()}/key`,
        kind: 'missing',
        code: 'gcs.bucket',
      },
    ],
  }
}
