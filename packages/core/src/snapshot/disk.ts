import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, lstat, mkdir, open, readdir, rename, rmdir, stat, unlink } from 'node:fs/promises'
import path from 'node:path'
import { isFault } from '@omni/spec'

/** Creates a file that must not exist, writes it whole and makes it durable; its folder is not synced. */
export async function writeDurable(file: string, data: string | Uint8Array, mode = 0o644): Promise<void> {
  const handle = await open(file, 'wx', 0o644)
  try {
    await handle.writeFile(data)
    // Before the sync, so that a crash cannot leave a durable file that is still writable.
    if (mode !== 0o644) await handle.chmod(mode)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Replaces a file as a whole: its old or its new content is there after a crash, never a mixture. */
export async function replaceDurable(file: string, data: string): Promise<void> {
  const next = `${file}.next`
  await unlinkIfThere(next)
  await writeDurable(next, data)
  await rename(next, file)
  await syncFolder(path.dirname(file))
}

/** Makes the entries of a folder durable. Windows has no such call: there it does nothing. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Creates a folder with those above it and makes each new entry durable; returns the topmost one created. */
export async function makeFolder(folder: string): Promise<string | undefined> {
  const first = await makeMissing(path.resolve(folder))
  if (first === undefined) return undefined
  const top = path.dirname(first)
  for (let at = path.dirname(path.resolve(folder)); ; at = path.dirname(at)) {
    await syncFolder(at)
    if (at === top || at === path.dirname(at)) return first
  }
}

/** One level at a time: a recursive mkdir on a read-only disk says ENOENT, which hides what is wrong. */
async function makeMissing(folder: string): Promise<string | undefined> {
  try {
    await mkdir(folder)
    return folder
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' && (await stat(folder)).isDirectory()) return undefined
    if (code !== 'ENOENT' || path.dirname(folder) === folder) throw error
  }
  const first = await makeMissing(path.dirname(folder))
  return (await makeMissing(folder)) === undefined ? first : (first ?? folder)
}

/** Removes a folder and those above it, up to and without `stop`, as long as they are empty. */
export async function removeEmptyFolders(folder: string, stop: string): Promise<void> {
  for (let at = folder; at !== stop && at.startsWith(stop + path.sep); at = path.dirname(at)) {
    try {
      await rmdir(at)
    } catch {
      return
    }
  }
}

/** Names in a folder, sorted; empty where there is no such folder. */
export async function listNames(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort()
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

/** Removes a file; nothing happens when it is not there. */
export async function unlinkIfThere(file: string): Promise<void> {
  try {
    await unlink(file)
  } catch (error) {
    if (!isMissing(error)) throw error
  }
}

/** Bytes of a file, or undefined where there is none. */
export async function fileSize(file: string): Promise<number | undefined> {
  try {
    return (await lstat(file)).size
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** SHA-256 of a file as hex, read as a stream. */
export async function sha256File(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of createReadStream(file, { highWaterMark: 1 << 20 }))
    hash.update(piece as Uint8Array)
  return hash.digest('hex')
}

/** SHA-256 of text or bytes as hex. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}

/** True when an error says that the file or folder is not there. */
export function isMissing(error: unknown): boolean {
  if (isFault(error)) return error.kind === 'missing'
  const code = (error as NodeJS.ErrnoException | undefined)?.code
  return code === 'ENOENT' || code === 'ENOTDIR'
}

/** Up to `length` bytes from a place in a file; shorter only at its end. */
export async function readAt(handle: FileHandle, start: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length)
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, start + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return bytes.subarray(0, filled)
}
