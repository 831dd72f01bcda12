import type { S3ClientConfig } from '@aws-sdk/client-s3'
import { isFault } from '@omni/spec'
import { credentialsFault } from './errors.ts'
import type { S3Config } from './options.ts'

type Provider = Extract<NonNullable<S3ClientConfig['credentials']>, (...args: never[]) => unknown>

/** Where the client gets its credentials; every failure there is a fault that says what was tried. */
export async function credentialsOf(options: S3Config): Promise<Provider> {
  const provider = await providerOf(options)
  return async (identity) => {
    try {
      return await provider(identity)
    } catch (error) {
      throw isFault(error) ? error : credentialsFault(error, waysOf(options))
    }
  }
}

async function providerOf(options: S3Config): Promise<Provider> {
  const { accessKeyId, secretAccessKey, sessionToken, profile, roleArn, region, stsEndpoint } = options
  const keys = accessKeyId !== undefined && secretAccessKey !== undefined
  if (keys && roleArn === undefined) {
    return async () => ({ accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) })
  }
  const sdk = await import('@aws-sdk/credential-providers')
  const clientConfig = {
    ...(region === undefined ? {} : { region }),
    ...(stsEndpoint === undefined ? {} : { endpoint: stsEndpoint }),
    maxAttempts: options.maxAttempts,
  }
  const chosen = {
    ...(profile === undefined ? {} : { profile }),
    ...(Object.keys(clientConfig).length > 0 ? { clientConfig } : {}),
  }
  if (roleArn === undefined) return sdk.fromNodeProviderChain(chosen)
  const roleSessionName = options.roleSessionName ?? 'omnicollector'
  if (options.webIdentityTokenFile !== undefined) {
    return sdk.fromTokenFile({
      webIdentityTokenFile: options.webIdentityTokenFile,
      roleArn,
      roleSessionName,
      ...(options.durationSeconds === undefined ? {} : { durationSeconds: options.durationSeconds }),
      clientConfig,
    })
  }
  return sdk.fromTemporaryCredentials({
    masterCredentials: keys
      ? { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) }
      : sdk.fromNodeProviderChain(chosen),
    params: {
      RoleArn: roleArn,
      RoleSessionName: roleSessionName,
      ...(options.externalId === undefined ? {} : { ExternalId: options.externalId }),
      ...(options.durationSeconds === undefined ? {} : { DurationSeconds: options.durationSeconds }),
    },
    clientConfig,
  })
}

/** Names of the providers, for a person; never what they hold. */
function waysOf({ accessKeyId, profile, roleArn, webIdentityTokenFile }: S3Config): string {
  const base =
    accessKeyId !== undefined
      ? 'the option accessKeyId'
      : profile !== undefined
        ? 'the profile (its keys, role, SSO, login or process)'
        : 'the environment, the default profile (its keys, role, SSO, login or process), the web identity of the environment, and the role of the container and of the instance'
  if (roleArn === undefined) return base
  return webIdentityTokenFile === undefined
    ? `${base}, to assume the role`
    : 'the web identity token file, to assume the role'
}
