import { fault } from '@omni/spec'
import { type KeyAddress, readKey } from '@omni/spec/storage-kit'

/** Where an object, or what lies below a key, is. */
export interface Address extends KeyAddress {
  readonly bucket: string
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
  return { start: `${scheme.toLowerCase()}://${bucket}/`, bucket, key: readKey(key) }
}
