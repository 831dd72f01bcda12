import { readFileSync, readlinkSync } from 'node:fs'
import { fault, type ObjectStore } from '@omni/spec'
import { readWhole } from '../home/store-file.ts'
import { isMissing } from '../snapshot/disk.ts'
import { type Holder, heldFault, isStale, type Lock, ownHolder, staleText } from './lock.ts'

/** How long a lock counts that nobody renews. */
export const LEASE_MS = 90_000
const RENEW_MS = 20_000
/** Others may come and go while it is tried; more often than this is no accident. */
const MAX_TRIES = 20

interface Lease extends Holder {
  /** Machine and process namespace, where a process number means something; null where that is not known. */
  readonly space: string | null
  /** ISO 8601. */
  readonly expires: string
}

/**
 * Takes the lock of a dataset in an object store: an object put only if absent, renewed while the run lives. The lock
 * of a process of this machine that is gone, and one whose lease is over, is taken over.
 */
export async function takeStoreLock(
  store: ObjectStore,
  options: { readonly url: string; readonly what: string; readonly now: () => number },
): Promise<Lock> {
  const { url, what, now } = options
  const holder = { ...ownHolder(now()), space: ownSpace() }
  const content = (): Uint8Array => {
    const lease: Lease = { ...holder, expires: new Date(now() + LEASE_MS).toISOString() }
    return Buffer.from(`${JSON.stringify(lease)}\n`)
  }
  const isOurs = async (): Promise<boolean> => (await readLease(store, url))?.token === holder.token
  const lost = (): Error =>
    fault({
      kind: 'unavailable',
      code: 'lock.lost',
      why: `The lock of ${what} was taken over by another run, as this one did not renew it in time.`,
      fix: 'Nothing was published. Run it again.',
    })

  let takenOver: string | undefined
  for (let tries = 1; ; tries++) {
    if (await putOurs(store, url, content(), isOurs)) break
    const other = await readLease(store, url)
    if (other?.token === holder.token) break
    if (tries >= MAX_TRIES) throw heldFault(what, other ?? holder, WAIT)
    if (other === undefined) continue
    if (!isStaleLease(other, now())) throw heldFault(what, other, WAIT)
    // Another run may have been quicker: only the lock that was looked at is removed.
    if ((await readLease(store, url))?.token !== other.token) continue
    await store.remove([url])
    takenOver = staleText(what, other)
  }

  let renewal: Promise<void> = Promise.resolve()
  const renew = async (): Promise<void> => {
    if (await isOurs()) await store.put(url, content())
  }
  const timer = setInterval(() => {
    // A renewal that fails is made up for by the next; the commit looks itself.
    renewal = renewal.then(renew).catch(() => undefined)
  }, RENEW_MS)
  timer.unref()
  return {
    ...(takenOver === undefined ? {} : { takenOver }),
    async check() {
      await renewal
      if (!(await isOurs())) throw lost()
      // A whole lease is left for the commit that follows.
      await store.put(url, content())
    },
    async release() {
      clearInterval(timer)
      await renewal
      const remove = async (): Promise<void> => {
        if (await isOurs()) await store.remove([url])
      }
      // What the run did is done: a lock that stays is taken over when its lease is over.
      await remove()
        .catch(remove)
        .catch(() => undefined)
    },
  }
}

const WAIT = `Wait until it is done; a lock that is not renewed for ${LEASE_MS / 1000} seconds is taken over.`

/** True when the lock is there and ours; the answer to the put may get lost. */
async function putOurs(
  store: ObjectStore,
  url: string,
  bytes: Uint8Array,
  isOurs: () => Promise<boolean>,
): Promise<boolean> {
  try {
    return await store.putIfAbsent(url, bytes)
  } catch (error) {
    if (await isOurs().catch(() => false)) return true
    throw error
  }
}

async function readLease(store: ObjectStore, url: string): Promise<Lease | undefined> {
  let text: string
  try {
    text = (await readWhole(store.object(url))).toString('utf8')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
  try {
    const lease = JSON.parse(text) as Lease
    if (typeof lease.token === 'string' && !Number.isNaN(Date.parse(lease.expires))) return lease
  } catch {
    // Falls through: an object that is no lease stands for one that is over.
  }
  return {
    pid: 0,
    host: '',
    born: null,
    started: '',
    token: text,
    space: null,
    expires: new Date(0).toISOString(),
  }
}

function isStaleLease(lease: Lease, nowMs: number): boolean {
  if (Date.parse(lease.expires) < nowMs) return true
  return lease.space === ownSpace() && isStale(lease)
}

/** https://man7.org/linux/man-pages/man7/pid_namespaces.7.html; a container has a namespace of its own. */
function ownSpace(): string | null {
  if (process.platform !== 'linux') return null
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return null
  }
}
