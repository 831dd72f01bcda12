import { randomUUID } from 'node:crypto'
import type { BlockBlobUploadOptions } from '@azure/storage-blob'
import { fault, type Upload } from '@omni/spec'
import { createPartUpload, inLanes } from '@omni/spec/storage-kit'
import { parseAddress } from './address.ts'
import { codeOf, statusOf } from './errors.ts'
import type { AzureConfig } from './options.ts'
import type { Place, Session } from './session.ts'

/** Name of the metadata by which a write recognises its own blob; it has to be an identifier of C#. */
const OWN = 'omniwrite'

function writeOptions({ accessTier }: AzureConfig): Pick<BlockBlobUploadOptions, 'tier'> {
  return accessTier === undefined ? {} : { tier: accessTier }
}

/** Writes a blob whole, over what may be there. */
export function put(url: string, bytes: Uint8Array, session: Session, signal?: AbortSignal): Promise<void> {
  return session.run(url, async (at) => {
    checkName(at)
    const options = { ...writeOptions(session.options), abortSignal: signal ?? session.ctx.signal }
    await at.blob.upload(bytes, bytes.length, options)
  })
}

/** Writes a blob whole if there is none; false where there is one. */
export function putIfAbsent(url: string, bytes: Uint8Array, session: Session): Promise<boolean> {
  return session.run(url, async (at) => {
    checkName(at)
    const nonce = randomUUID()
    try {
      await at.blob.upload(bytes, bytes.length, {
        ...writeOptions(session.options),
        metadata: { [OWN]: nonce },
        conditions: { ifNoneMatch: '*' },
        abortSignal: session.ctx.signal,
      })
      return true
    } catch (error) {
      const isThere = codeOf(error) === 'BlobAlreadyExists' || statusOf(error) === 412
      if (!isThere) throw error
      // An earlier attempt whose answer was lost may have been this very write.
      const { metadata = {} } = await at.blob.getProperties({ abortSignal: session.ctx.signal })
      return metadata[OWN] === nonce
    }
  })
}

/** https://learn.microsoft.com/rest/api/storageservices/put-block */
const MAX_BLOCKS = 50_000

/** Begins a large blob: blocks that nobody sees until their list is committed. */
export function upload(url: string, session: Session, signal: AbortSignal | undefined): Upload {
  const { options, ctx } = session
  // Blocks of two uploads to one name at once must not be taken for each other's.
  const nonce = randomUUID().slice(0, 8)
  const idOf = (index: number): string =>
    Buffer.from(`${nonce}-${String(index).padStart(6, '0')}`).toString('base64')
  parseAddress(url)
  return createPartUpload(
    {
      whole: (bytes, abortSignal) => put(url, bytes, session, abortSignal),
      part: (index, bytes, abortSignal) =>
        session.run(url, async (at) => {
          checkName(at)
          await at.blob.stageBlock(idOf(index), bytes, bytes.length, { abortSignal })
        }),
      finish: (parts, abortSignal) =>
        session.run(url, async (at) => {
          const list = Array.from({ length: parts }, (_, index) => idOf(index))
          // Committing the same list a second time is no error: its blocks are the blob's by then.
          await at.blob.commitBlockList(list, { ...writeOptions(options), abortSignal })
        }),
      // Blocks that are not in a list are nobody's, and the store throws them away after a week.
      discard: async () => undefined,
    },
    {
      partBytes: options.partBytes,
      concurrency: options.concurrency,
      maxParts: MAX_BLOCKS,
      signal: signal ? AbortSignal.any([signal, ctx.signal]) : ctx.signal,
    },
  )
}

const POLL_MS = 250

/** Copies inside the store; the store does it by itself, and says when it is done. */
export function copy(from: string, to: string, session: Session): Promise<void> {
  return session.run(from, async (source) => {
    checkName(source)
    await session.run(to, async (at) => {
      checkName(at)
      const abortSignal = session.ctx.signal
      const poller = await at.blob.beginCopyFromURL(source.blob.url, {
        ...writeOptions(session.options),
        intervalInMs: POLL_MS,
        abortSignal,
      })
      const { copyStatus } = await poller.pollUntilDone()
      if (copyStatus !== 'success') {
        throw fault({
          kind: 'unavailable',
          code: 'azure.copy',
          why: 'The store gave up a copy before it was complete.',
          fix: 'Run it again.',
        })
      }
    })
  })
}

/** Removes blobs; one that is not there is no error. */
export function remove(urls: readonly string[], session: Session): Promise<void> {
  return inLanes(urls, (url) =>
    session.run(url, async (at) => {
      checkName(at)
      await at.blob.deleteIfExists({ deleteSnapshots: 'include', abortSignal: session.ctx.signal })
    }),
  )
}

function checkName({ address }: Place): void {
  if (address.key !== '') return
  throw fault({
    kind: 'config',
    code: 'azure.name-of-blob',
    why: 'The address names no blob.',
    fix: 'Write az://container/blob.',
  })
}
