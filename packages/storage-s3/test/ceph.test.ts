import { describeStorage, serverFor } from '@omni/testkit/vitest'
import { worldOf } from './world.ts'

describeStorage('s3 on Ceph', async (ctx) => worldOf(await serverFor(ctx, 's3', ['sigv4'])), {
  timeoutMs: 60_000,
})
