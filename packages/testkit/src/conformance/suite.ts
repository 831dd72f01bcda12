import { BUILDING } from './building.ts'
import { type Check, Violation } from './check.ts'
import { FAILING } from './failing.ts'
import { READING } from './reading.ts'
import { RESUMING } from './resuming.ts'
import { STREAMS } from './streams.ts'
import type { World } from './world.ts'

/** Every rule of docs/spec/collector.md, in its order. */
export const CHECKS: readonly Check[] = [...BUILDING, ...STREAMS, ...READING, ...RESUMING, ...FAILING]

export type Outcome =
  | { readonly id: string; readonly title: string; readonly state: 'passed' }
  | { readonly id: string; readonly title: string; readonly state: 'failed'; readonly why: string }
  /** The rule does not apply to this source, or the world gives nothing to check it with. */
  | { readonly id: string; readonly title: string; readonly state: 'absent'; readonly why: string }

/** Runs one check in a world of its own. */
export async function runCheck(check: Check, makeWorld: () => Promise<World> | World): Promise<Outcome> {
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

/** Runs every check, one after another. */
export async function runChecks(makeWorld: () => Promise<World> | World): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  for (const check of CHECKS) outcomes.push(await runCheck(check, makeWorld))
  return outcomes
}
