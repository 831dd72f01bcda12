import { Violation } from '../conformance/check.ts'
import type { Outcome } from '../conformance/suite.ts'
import type { StorageCheck } from './check.ts'
import { FAILING } from './failing.ts'
import { HEAVY } from './heavy.ts'
import { LISTING } from './listing.ts'
import { READING } from './reading.ts'
import { RESTARTING } from './restarting.ts'
import type { StorageWorld } from './world.ts'
import { WRITING } from './writing.ts'

/** Every rule of an object store. */
export const STORAGE_CHECKS: readonly StorageCheck[] = [
  ...READING,
  ...LISTING,
  ...WRITING,
  ...FAILING,
  ...HEAVY,
  ...RESTARTING,
]

/** Runs one check in a world of its own. */
export async function runStorageCheck(
  check: StorageCheck,
  makeWorld: () => Promise<StorageWorld> | StorageWorld,
): Promise<Outcome> {
  const { id, title } = check
  const world = await makeWorld()
  try {
    const why = check.absent?.(world)
    if (why !== undefined) return { id, title, state: 'absent', why }
    await check.run(world)
    return { id, title, state: 'passed' }
  } catch (error) {
    const why = error instanceof Violation ? error.message : `${(error as Error)?.stack ?? String(error)}`
    return { id, title, state: 'failed', why }
  } finally {
    await world.dispose?.()
  }
}
