import { randomUUID } from 'node:crypto'
import { finished } from 'node:stream/promises'
import type { SaveOptions } from '@google-cloud/storage'
import { fault, type Upload } from '@omni/spec'
import { createPartUpload, inLanes } from '@omni/spec/storage-kit'
import { parseAddress } from './address.ts'
import { sessionOver, statusOf } from './errors.ts'
import type { GcsConfig } from './options.ts'
import type { Place, Session } from './session.ts'

/** Name of the metadata by which a write recognises its own object. */
const OWN = 'omni-write'

function writeOptions({ storageClass, timeoutMs }: GcsConfig, nonce?: string): SaveOptions {
  return {
    timeout: timeoutMs,
    metadata: {
      ...(storageClass === undefined ? {} : { storageClass }),
      ...(nonce === undefined ? {} : { metadata: { [OWN]: nonce } }),
    },
  }
}

/** Writes an object whole, over what may be there. */
export function put(url: string, bytes: Uint8Array, session: Session): Promise<void> {
  return session.run(url, async (at) => {
    const options = { ...writeOptions(session.options), resumable: false }
    await at.file(keyToWrite(at)).save(bytesOf(bytes), options)
  })
}

/** Writes an object whole if there is none; false where there is one. */
export function putIfAbsent(url: string, bytes: Uint8Array, session: Session): Promise<boolean> {
  return session.run(url, async (at) => {
    const nonce = randomUUID()
    const file = at.file(keyToWrite(at))
    try {
      await file.save(bytesOf(bytes), {
        ...writeOptions(session.options, nonce),
        resumable: false,
        preconditionOpts: { ifGenerationMatch: 0 },
      })
      return true
    } catch (error) {
      if (statusOf(error) !== 412) throw error
      // An earlier attempt whose answer was lost may have been this very write.
      return isOwn(at, nonce)
    }
  })
}

async function isOwn(at: Place, nonce: string, size?: number): Promise<boolean> {
  const [metadata] = await at.file(at.address.key).getMetadata()
  return metadata.metadata?.[OWN] === nonce && (size === undefined || Number(metadata.size) === size)
}

/** Begins a large object: one resumable session, whose object is there when its last bytes are. */
export function upload(url: string, session: Session, signal: AbortSignal | undefined): Upload {
  const { options, ctx } = session
  const nonce = randomUUID()
  parseAddress(url)
  type Sink = ReturnType<ReturnType<Place['file']>['createWriteStream']>
  let sink: Promise<Sink> | undefined
  let size = 0
  const begin = (): Promise<Sink> =>
    session.run(url, async (at) => {
      const stream = at.file(keyToWrite(at)).createWriteStream({
        ...writeOptions(options, nonce),
        resumable: true,
        chunkSize: options.partBytes,
      })
      // Each write asks for its own outcome; without a listener the process would end.
      stream.on('error', () => {})
      return stream
    })
  return createPartUpload(
    {
      whole: (bytes) => put(url, bytes, session),
      part: async (_index, bytes) => {
        sink ??= begin()
        const stream = await sink
        size += bytes.length
        await session.run(url, () => writeTo(stream, bytes))
      },
      finish: async () => {
        const stream = await sink
        if (!stream) return
        await session.run(url, async (at) => {
          try {
            const done = finished(stream, { readable: false })
            stream.end()
            await done
          } catch (error) {
            // The session is over, and unknown, where its last answer was lost.
            if (![404, 410].includes(statusOf(error) ?? 0)) throw error
            if (!(await isOwn(at, nonce, size).catch(() => false))) throw sessionOver(error)
          }
        })
      },
      discard: async () => {
        ;(await sink)?.destroy()
      },
    },
    {
      partBytes: options.partBytes,
      // The bytes of a resumable session come one after another.
      concurrency: 1,
      maxParts: Number.MAX_SAFE_INTEGER,
      signal: signal ? AbortSignal.any([signal, ctx.signal]) : ctx.signal,
    },
  )
}

function writeTo(stream: NodeJS.WritableStream, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.once('error', reject)
    stream.write(bytesOf(bytes), (error) => {
      stream.removeListener('error', reject)
      if (error) reject(error)
      else resolve()
    })
  })
}

/** The SDK wants a Buffer. */
function bytesOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function keyToWrite({ address }: Place): string {
  if (address.key !== '') return address.key
  throw fault({
    kind: 'config',
    code: 'gcs.key',
    why: 'The address to write to names no key.',
    fix: 'Write gs://bucket/key.',
  })
}

/** Copies inside the store; the SDK repeats the request until the whole object is rewritten. */
export function copy(from: string, to: string, session: Session): Promise<void> {
  const target = parseAddress(to)
  return session.run(from, async (at) => {
    const other = await session.run(target, async (place) => place.file(keyToWrite(place)))
    const { kmsKeyName } = session.options
    await at
      .file(at.address.key)
      .copy(other, kmsKeyName === undefined ? {} : { destinationKmsKeyName: kmsKeyName })
  })
}

/** Removes objects; one that is not there is no error. */
export function remove(urls: readonly string[], session: Session): Promise<void> {
  return inLanes(urls, (url) =>
    session.run(url, async (at) => {
      await at.file(keyToWrite(at)).delete({ ignoreNotFound: true })
    }),
  )
}
