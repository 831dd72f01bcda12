import { fault } from '@omni/spec'
import { type KeyAddress, readKey } from '@omni/spec/storage-kit'

/** Where an object, or what lies below a key, is. */
export interface Address extends KeyAddress {
  readonly bucket: string
  readonly versionId?: string
}

/** The parts of `s3://bucket/key?versionId=…`; throws the fault `config`. */
export function parseAddress(url: string): Address {
  const match = /^(s3a?):\/\/([^/?#]+)(?:\/([^?#]*))?(?:\?versionId=([^&#]+))?$/is.exec(url)
  if (match === null) {
    throw fault({
      kind: 'config',
      code: 's3.url',
      why: 'The address is not of the form s3://bucket/key.',
      fix: 'Name the bucket; in a key write ? as %3F and # as %23.',
    })
  }
  const [, scheme = '', bucket = '', key = '', versionId] = match
  return {
    start: `${scheme.toLowerCase()}://${bucket}/`,
    bucket,
    key: readKey(key),
    ...(versionId === undefined ? {} : { versionId: decodeURIComponent(versionId) }),
  }
}
