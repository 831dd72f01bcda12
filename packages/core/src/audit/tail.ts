import { type FileHandle, open } from 'node:fs/promises'
import { isMissing, readAt } from '../snapshot/disk.ts'

const PIECE = 1 << 16
const LF = 10

/** The end of a file of lines. */
export interface Tail {
  readonly size: number
  /** Bytes after the last line feed: what a crash left of a line. */
  readonly torn: number
  /** The last whole line, if any. */
  readonly last: string | undefined
}

/** Reads the end of a file of lines; an absent file is an empty one. */
export async function readTail(file: string): Promise<Tail> {
  const handle = await openIfThere(file)
  if (handle === undefined) return { size: 0, torn: 0, last: undefined }
  try {
    const { size } = await handle.stat()
    let bytes = Buffer.alloc(0)
    for (let start = size; start > 0; ) {
      const length = Math.min(PIECE, start)
      start -= length
      bytes = Buffer.concat([await readAt(handle, start, length), bytes])
      const end = bytes.lastIndexOf(LF)
      const before = end < 1 ? -1 : bytes.lastIndexOf(LF, end - 1)
      if (end >= 0 && (before >= 0 || start === 0)) {
        const line = bytes.subarray(before + 1, end).toString('utf8')
        return { size, torn: bytes.length - end - 1, last: line }
      }
    }
    return { size, torn: size, last: undefined }
  } finally {
    await handle.close()
  }
}

/** Lines of a file from the last to the first; a line without its line feed is left out. */
export async function* linesBackwards(file: string): AsyncGenerator<string> {
  const handle = await openIfThere(file)
  if (handle === undefined) return
  try {
    const { size } = await handle.stat()
    let rest = Buffer.alloc(0)
    let isEnd = true
    for (let start = size; start > 0; ) {
      const length = Math.min(PIECE, start)
      start -= length
      let bytes = Buffer.concat([await readAt(handle, start, length), rest])
      for (let lf = bytes.lastIndexOf(LF); lf >= 0; lf = bytes.lastIndexOf(LF)) {
        if (!isEnd) yield bytes.subarray(lf + 1).toString('utf8')
        isEnd = false
        bytes = bytes.subarray(0, lf)
      }
      rest = bytes
    }
    if (!isEnd) yield rest.toString('utf8')
  } finally {
    await handle.close()
  }
}

async function openIfThere(file: string): Promise<FileHandle | undefined> {
  try {
    return await open(file, 'r')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}
