import { fault, readKey, writeKey } from '@omni/spec'

/** Where a blob, or what lies below a name, is. */
export interface Address {
  /** Everything before the name, as it was written: `az://container/`. */
  readonly start: string
  readonly container: string
  /** Host of the account, where the address says it. */
  readonly host?: string
  /** Name of the blob; empty for the container itself. */
  readonly key: string
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

/** The URL of a name in the same container. */
export function urlOf({ start }: Address, key: string): string {
  return `${start}${writeKey(key)}`
}

/** Name without its folder; of the container, where there is no name. */
export function nameOf({ container, key }: Pick<Address, 'container' | 'key'>): string {
  return key.replace(/\/+$/, '').split('/').at(-1) || container
}
