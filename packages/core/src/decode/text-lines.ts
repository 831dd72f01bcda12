import { createReadStream } from 'node:fs'
import { storageFault } from '../encode/storage-fault.ts'

/** A file as pieces of text, decoded as UTF-8; a byte order mark stays, it is data. */
export async function* textOf(path: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  try {
    for await (const bytes of createReadStream(path, { highWaterMark: 1 << 18 })) {
      yield decoder.decode(bytes as Uint8Array, { stream: true })
    }
  } catch (error) {
    if (error instanceof TypeError) throw error
    throw storageFault(error)
  }
  yield decoder.decode()
}
