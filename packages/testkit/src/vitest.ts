import { fault } from '@omni/spec'
import { afterAll, describe, expect, it, type TestContext } from 'vitest'
import { CHECKS, type Outcome, runCheck } from './conformance/suite.ts'
import type { World } from './conformance/world.ts'
import { acquire, type Need, releaseAll, type Server, type ServerName } from './servers/acquire.ts'
import { runStorageCheck, STORAGE_CHECKS } from './storage/suite.ts'
import type { StorageWorld } from './storage/world.ts'

export interface ConformanceOptions {
  /** Rules that this source cannot keep, each with the reason. A waiver that is not needed fails. */
  readonly waivers?: Readonly<Record<string, string>>
  /** Milliseconds that one check may take. Default 30,000. */
  readonly timeoutMs?: number
  /** Only these rules, as where only they are about what this world adds. Default: all. */
  readonly only?: readonly string[]
}

/**
 * Registers one test for every rule of docs/spec/collector.md. `makeWorld` is called once a check, so that no
 * check sees what another did. Fails when not a single check applies.
 */
export function describeConformance(
  name: string,
  makeWorld: (ctx: TestContext) => Promise<World> | World,
  { waivers = {}, timeoutMs = 30_000, only }: ConformanceOptions = {},
): void {
  describe(`${name} keeps the rules of a source`, () => {
    // A worker of vitest ends without the event by which a server would be stopped with its process.
    afterAll(releaseAll)
    let ran = 0
    for (const check of CHECKS.filter(({ id }) => only?.includes(id) ?? true)) {
      it(`${check.id} ${check.title}`, { timeout: timeoutMs }, async (ctx) => {
        const outcome = await runCheck(check, () => makeWorld(ctx))
        ran += judge(ctx, outcome, waivers[check.id])
      })
    }
    it('ran at least one check', () => {
      expect(ran).toBeGreaterThan(0)
    })
  })
}

/**
 * Registers one test for every rule of an object store, against the real server that `makeWorld` brings. It is
 * called once a check. Fails when not a single check applies.
 */
export function describeStorage(
  name: string,
  makeWorld: (ctx: TestContext) => Promise<StorageWorld> | StorageWorld,
  { waivers = {}, timeoutMs = 30_000, only }: ConformanceOptions = {},
): void {
  // Of the whole file, whose further tests may want the server too.
  afterAll(releaseAll)
  describe(`${name} keeps the rules of a storage`, () => {
    let ran = 0
    for (const check of STORAGE_CHECKS.filter(({ id }) => only?.includes(id) ?? true)) {
      it(`${check.id} ${check.title}`, {
        timeout: Math.max(timeoutMs, check.timeoutMs ?? 0),
      }, async (ctx) => {
        const outcome = await runStorageCheck(check, () => makeWorld(ctx))
        ran += judge(ctx, outcome, waivers[check.id])
      })
    }
    it('ran at least one check', () => {
      expect(ran).toBeGreaterThan(0)
    })
  })
}

/** Fails or skips the test as the outcome and the waiver say; how many checks were run. */
function judge(ctx: TestContext, outcome: Outcome, waiver: string | undefined): number {
  if (outcome.state === 'absent') {
    expect(waiver, `the waiver of ${outcome.id} is not needed: ${outcome.why}`).toBeUndefined()
    return 0
  }
  if (waiver !== undefined) {
    expect(outcome.state, `the waiver of ${outcome.id} is not needed any more`).toBe('failed')
    return ctx.skip(`waived: ${waiver}`)
  }
  expect(outcome.state === 'failed' ? outcome.why : '').toBe('')
  return 1
}

/**
 * A real server for this test, or the test is skipped with one line that says what was tried. Where
 * `OMNI_TEST_REQUIRE` names the server, or is `all`, the skip is a failure.
 */
export async function serverFor(
  ctx: TestContext,
  name: ServerName,
  needs: readonly Need[] = [],
): Promise<Server> {
  const found = await acquire(name, { needs })
  if ('url' in found) return found
  const required = (process.env['OMNI_TEST_REQUIRE'] ?? '').split(',')
  if (required.includes('all') || required.includes(name))
    throw fault({
      kind: 'missing',
      code: 'testkit.server',
      why: `The server ${name} is required here.`,
      fix: found.why,
    })
  return ctx.skip(`${name}: ${found.why}`)
}
