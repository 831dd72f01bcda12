import { fault, readKey, writeKey } from '@omni/spec'

/** Where an object, or what lies below a key, is. */
export interface Address {
  readonly scheme: string
  readonly bucket: string
  /** As the store has it; empty for the bucket itself. */
  readonly key: string
}

/** The parts of `gs://bucket/key`; throws the fault `config`. */
export function parseAddress(url: string): Address {
  const match = /^(gc?s):\/\/([^/?#]+)(?:\/([^?#]*))?$/is.exec(url)
  if (match === null) {
    throw fault({
      kind: 'config',
      code: 'gcs.url',
      why: 'The address is not of the form gs://bucket/key.',
      fix: 'Name the bucket; in a key write ? as %3F and # as %23.',
    })
  }
  const [, scheme = '', bucket = '', key = ''] = match
  return { scheme: scheme.toLowerCase(), bucket, key: readKey(key) }
}

/** The URL of a key in the same bucket. */
export function urlOf({ scheme, bucket }: Address, key: string): string {
  return `${scheme}://${bucket}/${writeKey(key)}`
}

/** Name without its folder; of the bucket, where there is no key. */
export function nameOf({ bucket, key }: Pick<Address, 'bucket' | 'key'>): string {
  return key.replace(/\/+$/, '').split('/').at(-1) || bucket
}
