import { describeStorage, serverFor } from '@omni/testkit/vitest'
import { worldOf } from './world.ts'

describeStorage('s3 on moto', async (ctx) => worldOf(await serverFor(ctx, 's3', ['quick'])))
