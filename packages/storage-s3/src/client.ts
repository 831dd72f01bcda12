import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3'
import { credentialsOf } from './credentials.ts'
import type { S3Config } from './options.ts'

type Sdk = typeof import('@aws-sdk/client-s3')

/** The SDK, loaded when first needed, and one client of it. */
export interface Connection {
  readonly sdk: Sdk
  readonly client: S3Client
  /** For the bytes of objects, whose reader tries again by itself and goes on where it was. */
  readonly reading: S3Client
}

/** One more attempt than none: the SDK learns from an answer that a clock is wrong, or where a bucket is. */
const READING_ATTEMPTS = 2

/** A client with the credentials and the region that the options, or else the environment, say. */
export async function connect(options: S3Config): Promise<Connection> {
  const sdk = await import('@aws-sdk/client-s3')
  const { endpoint, timeoutMs } = options
  const config: S3ClientConfig = {
    ...(endpoint === undefined ? {} : { endpoint }),
    forcePathStyle: options.forcePathStyle ?? endpoint !== undefined,
    ...(options.profile === undefined ? {} : { profile: options.profile }),
    ...(options.anonymous
      ? {
          signer: { sign: async (request) => request },
          credentials: { accessKeyId: '', secretAccessKey: '' },
        }
      : { credentials: await credentialsOf(options) }),
    maxAttempts: options.maxAttempts,
    ...(options.requestChecksumCalculation && {
      requestChecksumCalculation: options.requestChecksumCalculation,
    }),
    ...(options.responseChecksumValidation && {
      responseChecksumValidation: options.responseChecksumValidation,
    }),
    // A body that waits for its reader holds its socket, so there must be more than the SDK's 50.
    requestHandler: {
      connectionTimeout: Math.min(timeoutMs, 10_000),
      socketTimeout: timeoutMs,
      requestTimeout: timeoutMs,
      throwOnRequestTimeout: true,
      httpAgent: { maxSockets: 512 },
      httpsAgent: { maxSockets: 512 },
    },
  }
  const region = await regionOf(sdk, options)
  // No region is said anywhere: any one answers where the bucket is.
  const where = region === undefined ? { region: 'us-east-1', followRegionRedirects: true } : { region }
  const client = new sdk.S3Client({ ...config, ...where })
  return {
    sdk,
    client,
    reading: new sdk.S3Client({
      ...config,
      ...where,
      // Kept by the first client, so that a role is assumed once.
      ...(options.anonymous ? {} : { credentials: client.config.credentials }),
      maxAttempts: Math.min(READING_ATTEMPTS, options.maxAttempts),
    }),
  }
}

/** The region of the options, the environment or the profile. */
async function regionOf(sdk: Sdk, { region, profile }: S3Config): Promise<string | undefined> {
  if (region !== undefined) return region
  const probe = new sdk.S3Client(profile === undefined ? {} : { profile })
  try {
    return await probe.config.region()
  } catch {
    return undefined
  } finally {
    probe.destroy()
  }
}
