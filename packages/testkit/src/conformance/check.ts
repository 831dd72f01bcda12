import type { World } from './world.ts'

/** One rule of docs/spec/collector.md, as something that can be run against a world. */
export interface Check {
  /** The rule's number, as in `C31`. */
  readonly id: string
  readonly title: string
  /** Why the check does not apply to this world, or undefined when it does. */
  readonly absent?: (world: World) => string | undefined
  /** Throws a {@link Violation} when the rule is broken. */
  readonly run: (world: World) => Promise<void>
}

/** A rule is broken; the message says how, for the source's author. */
export class Violation extends Error {
  override readonly name = 'Violation'
}

export function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Violation(what)
}

/** The check applies when every one of these members of the world is there. */
export function needs(...members: readonly (keyof World)[]): (world: World) => string | undefined {
  return (world) => {
    const missing = members.find((member) => world[member] === undefined)
    return missing === undefined ? undefined : `the world gives no ${missing}`
  }
}

type Capability =
  | 'replay'
  | 'positions'
  | 'versions'
  | 'splits'
  | 'ack'
  | 'check'
  | 'restart'
  | 'unbounded'
  | 'changes'

/** The check applies when the source declares the capability. */
export function declares(capability: Capability): (world: World) => string | undefined {
  return (world) =>
    world.collector().source.capabilities[capability]
      ? undefined
      : `the source does not declare ${capability}`
}

/** The first reason of several. */
export function firstOf(
  ...reasons: readonly ((world: World) => string | undefined)[]
): (world: World) => string | undefined {
  return (world) => reasons.map((reason) => reason(world)).find((reason) => reason !== undefined)
}
