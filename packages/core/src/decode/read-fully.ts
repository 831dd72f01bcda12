import type { FileHandle } from 'node:fs/promises'
import { storageFault } from '../encode/storage-fault.ts'
import { damaged } from './damaged.ts'

/** Exactly these bytes of a file. */
export async function readFully(file: FileHandle, start: number, bytes: number): Promise<Buffer> {
  const out = Buffer.allocUnsafeSlow(bytes)
  for (let at = 0; at < bytes; ) {
    const { bytesRead } = await file.read(out, at, bytes - at, start + at).catch((error: unknown) => {
      throw storageFault(error)
    })
    if (bytesRead === 0) throw damaged()
    at += bytesRead
  }
  return out
}
