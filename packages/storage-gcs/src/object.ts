import { createHash } from 'node:crypto'
import type { ObjectInfo, StoredObject } from '@omni/spec'
import {
  createStoredObject,
  folderInfo,
  infoOf,
  isAnythingBelow,
  type Listed,
  type OpenedRange,
  type RangeRequest,
  rangeHeader,
  rangesFault,
  wholeSize,
  withDeadline,
} from '@omni/spec/storage-kit'
import { parseAddress } from './address.ts'
import { faultOf, noObject, statusOf } from './errors.ts'
import { factsOf, listBelow, pageOf } from './list.ts'
import type { GcsConfig } from './options.ts'
import { doingOf, type Place, type Session } from './session.ts'

/** An object, or what lies below a key, to be read. */
export function storedObject(url: string, session: Session): StoredObject {
  const { options } = session
  return createStoredObject(
    {
      head: () => session.run(url, headOf),
      list: () => listBelow(url, session),
      open: (request) => session.run(url, (at) => openRange(at, request, options)),
      faultOf: (error) => faultOf(error, doingOf(parseAddress(url), options)),
    },
    options,
  )
}

/** What the SDK's login hands over when an answer begins. */
interface Answer {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  readonly data: AsyncIterable<Uint8Array> & { destroy?(): void; cancel?(): Promise<void> }
}

/**
 * Asks for bytes by the SDK's login rather than by its read stream, which has no If-Match, and which ends the
 * connections of all other reads when one of them fails.
 */
function openRange(
  at: Place,
  request: RangeRequest,
  { timeoutMs, encryptionKey }: GcsConfig,
): Promise<OpenedRange | undefined> {
  const { start, etag } = request
  return withDeadline(request.signal, timeoutMs, async (signal) => {
    const answer = (await at.login.request({
      url: at.urlOf(at.address.key),
      params: { alt: 'media', ...at.payer, ...(etag === undefined ? {} : { ifGenerationMatch: etag }) },
      headers: {
        range: rangeHeader(request),
        // The bytes as they are stored: what is compressed is unpacked by who knows the format.
        'accept-encoding': 'gzip',
        'cache-control': 'no-store',
        ...ownKeyHeaders(encryptionKey),
      },
      decompress: false,
      responseType: 'stream',
      retry: false,
      signal,
      validateStatus: () => true,
    } as Parameters<typeof at.login.request>[0])) as unknown as Answer
    if (answer.status === 416) {
      await drop(answer)
      return undefined
    }
    if (answer.status >= 300) throw await errorOf(answer)
    const size = sizeOf(answer, start)
    if (size === undefined) {
      await drop(answer)
      throw rangesFault('gcs')
    }
    return { size, etag: answer.headers.get('x-goog-generation') ?? '', bytes: answer.data }
  })
}

/** https://cloud.google.com/storage/docs/encryption/customer-supplied-keys */
function ownKeyHeaders(key: string | undefined): Record<string, string> {
  if (key === undefined) return {}
  return {
    'x-goog-encryption-algorithm': 'AES256',
    'x-goog-encryption-key': key,
    'x-goog-encryption-key-sha256': createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64'),
  }
}

async function drop({ data }: Answer): Promise<void> {
  if (data.destroy) data.destroy()
  else await data.cancel?.().catch(() => undefined)
}

const ERROR_BYTES = 65_536

/** An answer that is an error, in the form of the SDK's own. */
async function errorOf({ status, headers, data }: Answer): Promise<Error> {
  let text = ''
  const decoder = new TextDecoder()
  try {
    for await (const piece of data) {
      text += decoder.decode(piece, { stream: true })
      if (text.length > ERROR_BYTES) break
    }
  } catch {
    // The status says enough.
  }
  return Object.assign(new Error(text), {
    code: status,
    errors: reasonsOf(text),
    response: { status, headers },
  })
}

function reasonsOf(text: string): readonly { readonly reason?: string }[] {
  try {
    return (JSON.parse(text) as { error?: { errors?: { reason?: string }[] } }).error?.errors ?? []
  } catch {
    return []
  }
}

/** Bytes of the whole object; undefined where the answer begins elsewhere. */
function sizeOf({ headers }: Answer, start: number): number | undefined {
  const length = headers.get('x-goog-stored-content-length') ?? headers.get('content-length')
  return wholeSize(headers.get('content-range'), length === null ? undefined : Number(length), start)
}

async function headOf(at: Place): Promise<ObjectInfo> {
  const { address } = at
  if (address.key !== '') {
    const facts = await metadataOf(at)
    const isMarker = address.key.endsWith('/') && facts?.size === 0
    if (facts && !isMarker) return infoOf(address, facts)
  }
  const isFolder = await isAnythingBelow(address, (...page) => pageOf(at, ...page))
  if (isFolder || address.key === '') return folderInfo(address)
  throw noObject(address)
}

async function metadataOf(at: Place): Promise<Listed | undefined> {
  try {
    const [metadata] = await at.file(at.address.key).getMetadata()
    return factsOf(metadata)
  } catch (error) {
    if (statusOf(error) === 404) return undefined
    throw error
  }
}
