import { describe, expect, it } from 'vitest'
import { CHECKS, runChecks } from '../src/conformance/suite.ts'
import { good, worldOf } from './ledger.ts'
import { SABOTEURS } from './saboteurs.ts'

describe('the conformance suite', () => {
  it('passes a source that keeps every rule, with every check run', { timeout: 60_000 }, async () => {
    const outcomes = await runChecks(worldOf(good))
    expect(outcomes.filter(({ state }) => state !== 'passed')).toEqual([])
    expect(outcomes.length).toBe(CHECKS.length)
  })

  it('has a saboteur for every check, and no more', () => {
    expect(Object.keys(SABOTEURS)).toEqual(CHECKS.map(({ id }) => id))
  })

  for (const [id, make] of Object.entries(SABOTEURS)) {
    it(`catches the saboteur of ${id} by that check and no other`, { timeout: 60_000 }, async () => {
      const outcomes = await runChecks(worldOf(make()))
      expect(outcomes.filter(({ state }) => state === 'failed').map((outcome) => outcome.id)).toEqual([id])
    })
  }
})
