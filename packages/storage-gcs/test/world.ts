import { randomUUID } from 'node:crypto'
import { Storage } from '@google-cloud/storage'
import type { Server, StorageWorld } from '@omni/testkit'
import { gcs } from '../src/storage.ts'

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
    ...(server.process && { process: server.process }),
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
