import type { Bucket, File } from '@google-cloud/storage'
import type { StorageContext } from '@omni/spec'
import { createOnce } from '@omni/spec/storage-kit'
import type { AuthClient } from 'google-auth-library'
import { type Address, parseAddress } from './address.ts'
import { type Connection, connect } from './client.ts'
import { type Doing, faultOf, noBucket, statusOf } from './errors.ts'
import type { GcsConfig } from './options.ts'

/** What every operation of one store shares. */
export interface Session {
  readonly options: GcsConfig
  readonly ctx: StorageContext
  /** Runs one operation; whatever it throws becomes a fault that names the place. */
  run<Result>(url: string | Address, work: (at: Place) => Promise<Result>): Promise<Result>
}

/** An address with the SDK's objects for it. */
export interface Place {
  readonly address: Address
  readonly bucket: Bucket
  /** An object of the same bucket. */
  file(key: string): File
  /** Sends requests in the name of who was logged in. */
  readonly login: AuthClient
  /** Where an object is asked for by such a request. */
  urlOf(key: string): string
  /** Who pays, as a parameter of a request. */
  readonly payer: { readonly userProject?: string }
}

/** Connects when the first operation runs. */
export function openSession(options: GcsConfig, ctx: StorageContext): Session {
  const connection = createOnce(() => connect(options))
  return {
    options,
    ctx,
    async run(url, work) {
      const address = typeof url === 'string' ? parseAddress(url) : url
      let at: Place | undefined
      try {
        at = placeOf(address, await connection.get(), options)
        return await work(at)
      } catch (error) {
        // 404 is for both; only a list tells a missing object from a missing bucket.
        if (statusOf(error) === 404 && at && (await isBucketMissing(at)))
          throw noBucket(address.bucket, error)
        throw faultOf(error, doingOf(address, options))
      }
    },
  }
}

/** What a fault says was being done. */
export function doingOf({ bucket, key }: Address, { encryptionKey }: GcsConfig): Doing {
  return { bucket, key, ownKey: encryptionKey !== undefined }
}

function placeOf(address: Address, { client, login }: Connection, options: GcsConfig): Place {
  const { userProject, encryptionKey, kmsKeyName } = options
  const payer = userProject === undefined ? {} : { userProject }
  return {
    address,
    bucket: client.bucket(address.bucket, payer),
    login,
    payer,
    urlOf: (key) => `${client.baseUrl}/b/${encodeURIComponent(address.bucket)}/o/${encodeURIComponent(key)}`,
    file(key) {
      return client.bucket(address.bucket, payer).file(key, {
        ...(encryptionKey === undefined ? {} : { encryptionKey: Buffer.from(encryptionKey, 'base64') }),
        ...(kmsKeyName === undefined ? {} : { kmsKeyName }),
        ...payer,
      })
    },
  }
}

async function isBucketMissing({ bucket }: Place): Promise<boolean> {
  try {
    await bucket.getFiles({ maxResults: 1, autoPaginate: false })
    return false
  } catch (error) {
    return statusOf(error) === 404
  }
}
