import type { BlockBlobClient, ContainerClient } from '@azure/storage-blob'
import type { StorageContext } from '@omni/spec'
import { createOnce, type Once } from '@omni/spec/storage-kit'
import { type Address, parseAddress } from './address.ts'
import { type Connection, connect } from './client.ts'
import { faultOf } from './errors.ts'
import type { AzureConfig } from './options.ts'

/** What every operation of one store shares. */
export interface Session {
  readonly options: AzureConfig
  readonly ctx: StorageContext
  /** Runs one operation; whatever it throws becomes a fault that names the place. */
  run<Result>(url: string | Address, work: (at: Place) => Promise<Result>): Promise<Result>
}

/** An address with the SDK's clients for it. */
export interface Place {
  readonly address: Address
  readonly container: ContainerClient
  readonly blob: BlockBlobClient
  /** Tries once. */
  readonly reading: BlockBlobClient
}

/** Connects when the first operation runs, to each account once. */
export function openSession(options: AzureConfig, ctx: StorageContext): Session {
  const connections = new Map<string, Once<Connection>>()
  const connected = (address: Address): Promise<Connection> => {
    const account = address.host ?? ''
    const connection = connections.get(account) ?? createOnce(() => connect(address, options))
    connections.set(account, connection)
    return connection.get()
  }
  return {
    options,
    ctx,
    async run(url, work) {
      const address = typeof url === 'string' ? parseAddress(url) : url
      try {
        const { client, reading } = await connected(address)
        const container = client.getContainerClient(address.container)
        return await work({
          address,
          container,
          // A client wants a name; of the container itself none is asked for.
          blob: container.getBlockBlobClient(address.key || '-'),
          reading: reading.getContainerClient(address.container).getBlockBlobClient(address.key || '-'),
        })
      } catch (error) {
        throw faultOf(error, address)
      }
    },
  }
}
