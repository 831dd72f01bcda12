import { createHash } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { storageFault } from './storage-fault.ts'

/** One finished part. */
export interface PartReceipt {
  /** File name inside the folder. */
  readonly path: string
  readonly bytes: number
  readonly rows: number
  /** SHA-256 of the file, lower-case hex. */
  readonly sha256: string
}

/** A file that is written once, from its first byte to its last. */
export interface PartFile {
  /** Bytes written so far. */
  readonly size: number
  append(bytes: Uint8Array): Promise<void>
  /** Makes it durable and read-only. */
  finish(rows: number): Promise<PartReceipt>
  /** Closes it and takes it away. */
  abandon(): Promise<void>
}

/** Creates the file; one that is there already is a fault. After any failure only `abandon` may follow. */
export async function createPartFile(folder: string, name: string): Promise<PartFile> {
  const path = join(folder, name)
  const file = await open(path, 'wx', 0o644).catch((error: unknown) => {
    throw storageFault(error)
  })
  const hash = createHash('sha256')
  let size = 0
  let isOpen = true
  const close = async (): Promise<void> => {
    if (!isOpen) return
    isOpen = false
    await file.close()
  }
  return {
    get size() {
      return size
    },
    async append(bytes) {
      try {
        for (let at = 0; at < bytes.length; ) {
          const { bytesWritten } = await file.write(bytes, at, bytes.length - at)
          at += bytesWritten
        }
      } catch (error) {
        throw storageFault(error)
      }
      if (bytes.length > 0) hash.update(bytes)
      size += bytes.length
    },
    async finish(rows) {
      try {
        await file.chmod(0o444)
        await file.sync()
        await close()
      } catch (error) {
        throw storageFault(error)
      }
      return { path: name, bytes: size, rows, sha256: hash.digest('hex') }
    },
    async abandon() {
      await close().catch(() => undefined)
      await rm(path, { force: true }).catch(() => undefined)
    },
  }
}
