import type { StorageContext } from '@omni/spec'
import { createOnce } from '@omni/spec/storage-kit'
import { type Address, parseAddress } from './address.ts'
import { type Connection, connect } from './client.ts'
import { type Doing, faultOf } from './errors.ts'
import type { S3Config } from './options.ts'

/** What every operation of one store shares. */
export interface Session {
  readonly options: S3Config
  readonly ctx: StorageContext
  /** Runs one operation; whatever it throws becomes a fault that names the place. */
  run<Result>(url: string | Address, work: (at: Place, on: Connection) => Promise<Result>): Promise<Result>
  close(): Promise<void>
}

/** An address with the parameters that every request for it has. */
export interface Place {
  readonly address: Address
  /** Bucket and who pays. */
  readonly base: { readonly Bucket: string; readonly RequestPayer?: 'requester' }
  /** The customer's key, where there is one. */
  readonly ownKey: { readonly SSECustomerAlgorithm?: string; readonly SSECustomerKey?: string }
}

/** Connects when the first operation runs. */
export function openSession(options: S3Config, ctx: StorageContext): Session {
  const connection = createOnce(() => connect(options))
  return {
    options,
    ctx,
    async run(url, work) {
      const address = typeof url === 'string' ? parseAddress(url) : url
      try {
        return await work(placeOf(address, options), await connection.get())
      } catch (error) {
        throw faultOf(error, doingOf(address, options))
      }
    },
    async close() {
      const open = await connection.take()
      open?.client.destroy()
      open?.reading.destroy()
    },
  }
}

/** What a fault says was being done. */
export function doingOf({ bucket, key }: Address, { sseCustomerKey }: S3Config): Doing {
  return { bucket, key, ownKey: sseCustomerKey !== undefined }
}

function placeOf(address: Address, { requesterPays, sseCustomerKey }: S3Config): Place {
  return {
    address,
    base: { Bucket: address.bucket, ...(requesterPays ? { RequestPayer: 'requester' } : {}) },
    ownKey:
      sseCustomerKey === undefined ? {} : { SSECustomerAlgorithm: 'AES256', SSECustomerKey: sseCustomerKey },
  }
}

/** The version of the object that is read, where one is named. */
export function versionOf({ versionId }: Address, options: S3Config): { readonly VersionId?: string } {
  const version = versionId ?? options.versionId
  return version === undefined ? {} : { VersionId: version }
}
