import { type Address, parseAddress } from './address.ts'
import type { Connection } from './client.ts'
import { faultOf } from './errors.ts'
import { doingOf, type Place, type Session } from './session.ts'

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
const KEYS_PER_REQUEST = 1000

/** Removes objects; one that is not there is no error. */
export async function remove(urls: readonly string[], session: Session): Promise<void> {
  const buckets = new Map<string, Address[]>()
  for (const address of urls.map(parseAddress)) {
    const known = buckets.get(address.bucket)
    if (known) known.push(address)
    else buckets.set(address.bucket, [address])
  }
  for (const addresses of buckets.values()) {
    for (let at = 0; at < addresses.length; at += KEYS_PER_REQUEST)
      await removeSome(addresses.slice(at, at + KEYS_PER_REQUEST), session)
  }
}

async function removeSome(addresses: readonly Address[], session: Session): Promise<void> {
  const [first] = addresses
  if (first === undefined) return
  await session.run({ ...first, key: '' }, async (at, on) => {
    if (addresses.length === 1 || !(await removeTogether(addresses, at, on, session))) {
      for (const { key } of addresses) {
        const input = { ...at.base, Key: key }
        await on.client.send(new on.sdk.DeleteObjectCommand(input), { abortSignal: session.ctx.signal })
      }
    }
  })
}

/** False where the store does not know how, or wants the checksum of an older protocol. */
async function removeTogether(
  addresses: readonly Address[],
  { base }: Place,
  { sdk, client }: Connection,
  session: Session,
): Promise<boolean> {
  const input = { ...base, Delete: { Quiet: true, Objects: addresses.map(({ key }) => ({ Key: key })) } }
  try {
    const answer = await client.send(new sdk.DeleteObjectsCommand(input), { abortSignal: session.ctx.signal })
    const wrong = answer.Errors?.find(({ Code }) => Code !== 'NoSuchKey')
    if (wrong) {
      const address = addresses.find(({ key }) => key === wrong.Key) ?? (addresses[0] as Address)
      throw faultOf({ name: wrong.Code, message: wrong.Message }, doingOf(address, session.options))
    }
    return true
  } catch (error) {
    const { name = '' } = error as { name?: string }
    if (/^(NotImplemented|MethodNotAllowed|MissingContentMD5|InvalidDigest|MalformedXML)$/.test(name))
      return false
    throw error
  }
}
