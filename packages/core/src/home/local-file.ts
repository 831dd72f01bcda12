import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, open, rm } from 'node:fs/promises'
import path from 'node:path'
import { damaged } from '../decode/damaged.ts'
import { storageFault } from '../encode/storage-fault.ts'
import { readAt, sha256File, unlinkIfThere } from '../snapshot/disk.ts'
import type { DraftFile, DraftFolder, DraftLog, HomeFile } from './home.ts'

/** Drafts in a folder of this machine that exists. */
export function localFolder(folder: string): DraftFolder {
  return {
    create: (name) => createDraft(path.join(folder, name)),
    async remove(name) {
      await rm(path.join(folder, name), { force: true }).catch(() => undefined)
    },
  }
}

async function createDraft(file: string): Promise<DraftFile> {
  const handle = await guarded(() => open(file, 'wx', 0o644))
  return draftOf(file, handle, createHash('sha256'))
}

function draftOf(file: string, handle: FileHandle, hash: Hash): DraftFile {
  let size = 0
  let isOpen = true
  const close = async (): Promise<void> => {
    if (!isOpen) return
    isOpen = false
    await handle.close()
  }
  return {
    get size() {
      return size
    },
    async append(bytes) {
      try {
        for (let at = 0; at < bytes.length; ) {
          const { bytesWritten } = await handle.write(bytes, at, bytes.length - at)
          at += bytesWritten
        }
      } catch (error) {
        throw storageFault(error)
      }
      if (bytes.length > 0) hash.update(bytes)
      size += bytes.length
    },
    async finish() {
      try {
        await handle.chmod(0o444)
        await handle.sync()
        await close()
      } catch (error) {
        throw storageFault(error)
      }
      return { bytes: size, sha256: hash.digest('hex') }
    },
    async abandon() {
      await close().catch(() => undefined)
      await rm(file, { force: true }).catch(() => undefined)
    },
  }
}

/** A log that is made with its first byte. */
export async function createLocalLog(file: string): Promise<DraftLog> {
  let handle = await open(file, 'wx', 0o644)
  let size = 0
  return {
    get size() {
      return size
    },
    async append(bytes) {
      await handle.writeFile(bytes)
      size += bytes.length
    },
    async rewind(to) {
      await handle.close()
      handle = await open(file, 'r+')
      await handle.truncate(to)
      await handle.close()
      handle = await open(file, 'a')
      size = to
    },
    async finish() {
      await handle.chmod(0o444)
      await handle.sync()
      await handle.close()
      return { bytes: size, sha256: await sha256File(file) }
    },
    async abandon() {
      await handle.close().catch(() => undefined)
      await unlinkIfThere(file).catch(() => undefined)
    },
  }
}

/** Bytes of one piece of a stream. */
const PIECE_BYTES = 1 << 18

/** Opens a finished file of this machine. */
export async function openLocalFile(file: string): Promise<HomeFile> {
  const handle = await guarded(() => open(file, 'r'))
  try {
    const { size } = await guarded(() => handle.stat())
    return {
      size,
      async read(start, bytes) {
        const found = await guarded(() => readAt(handle, start, bytes))
        if (found.length < bytes) throw damaged()
        return found
      },
      async *stream() {
        try {
          yield* createReadStream(file, { highWaterMark: PIECE_BYTES }) as AsyncIterable<Uint8Array>
        } catch (error) {
          throw storageFault(error)
        }
      },
      close: () => handle.close(),
    }
  } catch (error) {
    await handle.close()
    throw error
  }
}

async function guarded<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw storageFault(error)
  }
}
