import type { Storage, StorageOptions } from '@google-cloud/storage'
import type { AuthClient } from 'google-auth-library'
import type { GcsConfig } from './options.ts'

/** The SDK's clients, loaded when first needed. */
export interface Connection {
  readonly client: Storage
  /** Who the requests come from. */
  readonly login: AuthClient
}

/** The rights of the account decide in the end. https://cloud.google.com/storage/docs/oauth-scopes */
const SCOPE = 'https://www.googleapis.com/auth/cloud-platform'

export async function connect(options: GcsConfig): Promise<Connection> {
  const { Storage, IdempotencyStrategy } = await import('@google-cloud/storage')
  const login = await logIn(options)
  const config: StorageOptions = {
    ...(options.projectId === undefined ? {} : { projectId: options.projectId }),
    ...(options.endpoint === undefined ? {} : { apiEndpoint: options.endpoint }),
    authClient: login as NonNullable<StorageOptions['authClient']>,
    // Without it the SDK sends no credentials to an endpoint that is not Google's.
    ...(options.endpoint !== undefined && !options.anonymous ? { useAuthWithCustomEndpoint: true } : {}),
    timeout: options.timeoutMs,
  }
  const client = new Storage({
    ...config,
    retryOptions: {
      autoRetry: true,
      maxRetries: options.maxAttempts - 1,
      // Every write here is the same when it is done twice, or knows its own object.
      idempotencyStrategy: IdempotencyStrategy.RetryAlways,
      maxRetryDelay: 16,
    },
  })
  return { client, login }
}

/** Who the requests come from: the options, or else what the SDK finds. */
async function logIn(options: GcsConfig): Promise<AuthClient> {
  const { GoogleAuth, Impersonated, PassThroughClient } = await import('google-auth-library')
  if (options.anonymous) return new PassThroughClient()
  const auth = new GoogleAuth({
    scopes: [SCOPE],
    ...(options.keyFile === undefined ? {} : { keyFilename: options.keyFile }),
    ...(options.credentials === undefined
      ? {}
      : { credentials: JSON.parse(options.credentials) as { client_email: string; private_key: string } }),
  })
  const sourceClient = await auth.getClient()
  if (options.impersonateServiceAccount === undefined) return sourceClient
  return new Impersonated({
    sourceClient,
    targetPrincipal: options.impersonateServiceAccount,
    targetScopes: [SCOPE],
    lifetime: 3600,
  })
}
