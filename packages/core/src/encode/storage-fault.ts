import { type Fault, type FaultKind, fault, isFault } from '@omni/spec'

interface Meaning {
  readonly kind: FaultKind
  readonly code: string
  readonly why: string
  readonly fix: string
}

const FULL: Meaning = {
  kind: 'unavailable',
  code: 'storage.full',
  why: 'The disk is full.',
  fix: 'Free some space, or choose another --root.',
}
const READONLY: Meaning = {
  kind: 'config',
  code: 'storage.readonly',
  why: 'The folder of the snapshot cannot be written.',
  fix: 'Give this user the right to write there, or choose another --root.',
}
const MISSING: Meaning = {
  kind: 'missing',
  code: 'storage.missing',
  why: 'A file of the snapshot is not there.',
  fix: 'Restore it, or collect again.',
}

/** https://man7.org/linux/man-pages/man3/errno.3.html */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  ENOSPC: FULL,
  EDQUOT: FULL,
  EFBIG: FULL,
  EACCES: READONLY,
  EPERM: READONLY,
  EROFS: READONLY,
  ENOENT: MISSING,
}

/** A file system error as a fault; a fault as it is. */
export function storageFault(error: unknown): Fault {
  if (isFault(error)) return error
  const errno = (error as { readonly code?: unknown } | null)?.code
  const known = typeof errno === 'string' ? MEANINGS[errno] : undefined
  if (known) return fault({ ...known, cause: error })
  return fault({
    kind: 'unavailable',
    code: 'storage.io',
    why: `The disk did not do as asked${typeof errno === 'string' ? ` (${errno})` : ''}.`,
    fix: 'Check the disk, then run it again.',
    cause: error,
  })
}
