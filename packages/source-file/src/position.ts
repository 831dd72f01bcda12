import type { ObjectInfo } from '@omni/spec'
import type { FilePosition } from './types.ts'

/** The position after a file: which version of it was read. */
export function positionOf(info: ObjectInfo, sha256: string | null): FilePosition {
  return {
    etag: info.etag,
    size: info.size === null ? null : String(info.size),
    modified: info.modifiedMs,
    sha256,
  }
}

/** True where the storage says that this is the version that was read. */
export function isCovered(from: FilePosition, info: ObjectInfo): boolean {
  return from.etag === info.etag && from.size === (info.size === null ? null : String(info.size))
}

/** True where a local file may only have been touched: only its bytes can tell. */
export function mayBeSame(from: FilePosition, info: ObjectInfo): boolean {
  return from.sha256 !== null && info.url.startsWith('file:') && from.size === String(info.size)
}
