import { fault } from '@omni/spec'
import { type KeyAddress, readKey } from '@omni/spec/storage-kit'

/** Where a blob, or what lies below a name, is. */
export interface Address extends KeyAddress {
  readonly container: string
  /** Host of the account, where the address says it. */
  readonly host?: string
}

/**
 * The parts of `az://container/blob`, or of `abfss://container@account.dfs.core.windows.net/path`
 * (https://learn.microsoft.com/azure/storage/blobs/data-lake-storage-introduction-abfs-uri); throws the fault `config`.
 */
export function parseAddress(url: string): Address {
  const match = /^(az|azure|abfss?):\/\/(?:([^/?#@]+)@)?([^/?#@]+)(?:\/([^?#]*))?$/is.exec(url)
  if (match === null) {
    throw fault({
      kind: 'config',
      code: 'azure.url',
      why: 'The address is of neither form az://container/blob and abfss://container@account.dfs.core.windows.net/path.',
      fix: 'Name the container; in the name of a blob write ? as %3F and # as %23.',
    })
  }
  if (match[4]?.includes('\\')) {
    throw fault({
      kind: 'config',
      code: 'azure.backslash',
      why: 'The name of the blob holds a backslash, which Azure takes for a slash.',
      fix: 'Use another name.',
    })
  }
  const [, scheme = '', before, authority = '', key = ''] = match
  const written = before === undefined ? authority : `${before}@${authority}`
  return {
    start: `${scheme.toLowerCase()}://${written}/`,
    container: before ?? authority,
    ...(before === undefined ? {} : { host: authority }),
    key: readKey(key),
  }
}
