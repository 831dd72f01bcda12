import {
  type Fault,
  isFault,
  type ObjectStore,
  type Storage,
  type StorageContext,
  validate,
} from '@omni/spec'
import { must } from '../conformance/check.ts'
import type { StorageWorld } from './world.ts'

/** One rule of an object store, as something that can be run against a world. */
export interface StorageCheck {
  /** As in `S12`. */
  readonly id: string
  readonly title: string
  /** Why the check does not apply to this world, or undefined when it does. */
  readonly absent?: (world: StorageWorld) => string | undefined
  readonly run: (world: StorageWorld) => Promise<void>
  /** Milliseconds, where the usual ones do not do. */
  readonly timeoutMs?: number
}

/** The check wants a proxy between. */
export const wired = (world: StorageWorld): string | undefined =>
  world.wire ? undefined : 'the world lets no proxy stand between'

/** The check writes much. */
export const heavy = (world: StorageWorld): string | undefined =>
  world.heavy ? undefined : 'the store is not for much data'

interface Opening {
  readonly options?: Readonly<Record<string, unknown>>
  readonly more?: Readonly<Record<string, unknown>>
  readonly signal?: AbortSignal
}

/** Opens the world's store, with further options, for as long as `work` takes. */
export async function withStore<Result>(
  world: StorageWorld,
  opening: Opening,
  work: (store: ObjectStore) => Promise<Result>,
): Promise<Result> {
  const input = { ...(opening.options ?? world.options), ...opening.more }
  const store = openStore(world.storage, input, opening.signal)
  try {
    return await work(store)
  } finally {
    await store.close?.()
  }
}

/** A storage with its options checked, as core opens it; it logs nothing. */
export function openStore(
  storage: Pick<Storage, 'name' | 'options' | 'open'>,
  input: Readonly<Record<string, unknown>>,
  signal?: AbortSignal,
): ObjectStore {
  const options = validate(storage.options, input, `${storage.name}.options`, 'Options')
  return storage.open(options, storageContext(signal))
}

/** What core gives a storage, with a log that says nothing. */
export function storageContext(signal: AbortSignal = new AbortController().signal): StorageContext {
  const silent = (): void => {}
  return {
    signal,
    log: { debug: silent, info: silent, warn: silent },
    fetch: globalThis.fetch,
    now: Date.now,
  }
}

/** Bytes that look random and are the same every time. */
export function bytesOf(size: number, seed = 1): Uint8Array {
  const words = new Uint32Array(Math.ceil(size / 4))
  let state = (seed * 2654435761) >>> 0 || 1
  for (let i = 0; i < words.length; i++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    words[i] = state
  }
  return new Uint8Array(words.buffer, 0, size)
}

/** Every piece, kept as it was given until the end. */
export async function gather(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = []
  for await (const piece of pieces) all.push(piece)
  return Buffer.concat(all)
}

export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = []
  for await (const item of items) all.push(item)
  return all
}

export function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

/** The fault of something that must fail, which `what` names; anything else breaks the rule. */
export async function failureOf(work: Promise<unknown>, what = 'it'): Promise<Fault> {
  const error = await work.then(
    () => undefined,
    (failure: unknown) => failure,
  )
  must(error !== undefined, `${what} did not fail`)
  must(isFault(error), `${what} failed with ${String(error)}, which is no fault`)
  return error
}
