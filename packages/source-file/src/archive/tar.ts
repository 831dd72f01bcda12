import { Readable } from 'node:stream'
import { isFault } from '@omni/spec'
import { extract, type Header } from 'tar-stream'
import { fileFault } from '../errors.ts'
import { type Member, refuseName } from './member.ts'

/** The files of a tar archive: one pass over it, since only its end says that there are no more. */
export async function listTar(open: () => AsyncIterable<Uint8Array>): Promise<readonly Member[]> {
  const members: Member[] = []
  for await (const { header, index } of entries(open())) {
    const refused = refuseName(header.name)
    if (refused) throw fileFault('file.tar.path', `The name of entry ${index + 1} ${refused}.`)
    if (!isFile(header)) continue
    members.push({
      name: header.name.replace(/^(?:\.\/)+/, ''),
      size: header.size,
      open: () => readEntry(open(), index),
    })
  }
  return members
}

/** Links, devices and folders are no data. */
function isFile(header: Header): boolean {
  return (header.type === 'file' || header.type === 'contiguous-file') && !header.name.endsWith('/')
}

async function* readEntry(
  source: AsyncIterable<Uint8Array>,
  wanted: number,
): AsyncGenerator<Uint8Array, void, void> {
  for await (const { index, body } of entries(source)) {
    if (index !== wanted) continue
    yield* body
    return
  }
}

interface TarEntry {
  readonly header: Header
  readonly index: number
  readonly body: AsyncIterable<Uint8Array>
}

async function* entries(source: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry, void, void> {
  const unpacker = extract()
  const input = Readable.from(source, { objectMode: false })
  input.on('error', (error) => unpacker.destroy(error))
  input.pipe(unpacker as unknown as NodeJS.WritableStream)
  let index = 0
  try {
    for await (const body of unpacker) {
      yield { header: body.header, index: index++, body: body as AsyncIterable<Uint8Array> }
      // A body that nobody took has to be drained before the next header comes.
      body.resume()
    }
  } catch (error) {
    throw explain(error)
  } finally {
    unpacker.destroy()
    input.destroy()
  }
}

function explain(error: unknown): unknown {
  if (isFault(error)) return error
  const { code, message = '' } = error as { code?: string; message?: string }
  if (code) return error
  if (message === 'Unexpected end of data') {
    return fileFault('file.truncated', 'The tar archive ends in the middle.', error)
  }
  return fileFault('file.tar.corrupt', 'The tar archive is damaged.', error)
}
