import { schemaOf, types } from '@omni/arrow'
import { createCollector, defineSource, type Position, type SourceDefinition } from '@omni/spec'
import { describe, expect, it } from 'vitest'
import type { Manifest, PositionEntry } from './manifest/manifest.ts'
import { makePlan, type PlanInput } from './plan.ts'
import { createRedactor } from './redact/redactor.ts'

const pass = {
  '~standard': {
    version: 1 as const,
    vendor: 'test',
    validate: (value: unknown) => ({ value: value as object }),
  },
}

function inputOf(
  more: Partial<PlanInput> = {},
  definition: Partial<SourceDefinition<object>> = {},
): PlanInput {
  const { source } = defineSource<object>({
    name: 'things',
    summary: 'Test.',
    locator: 'x' as never,
    options: pass,
    capabilities: { positions: true, replay: true },
    describe: () => ({ label: 'things:ann@example.com', dataset: 'Some things' }),
    open: () => ({ discover: async () => [], read: async function* () {} }),
    ...definition,
  })
  const collector = createCollector(source, { url: 'https://u:pass-word@h/', owner: 'ann@example.com' })
  return {
    root: '/root',
    collector,
    options: {},
    streams: [{ stream: { name: 'one', notes: ['delimiter: ";"'] } }],
    latest: undefined,
    redactor: createRedactor(collector.options, []),
    ...more,
  }
}

function latestWith(position: readonly PositionEntry[], source = 'things'): PlanInput['latest'] {
  const manifest = { source: { name: source }, position } as unknown as Manifest
  return { dataset: 'Some_things', name: '20260101T000000.000Z-abababababab', path: '/p', manifest, text: '' }
}

const entry = (stream: string, split: string | null, to: Position): PositionEntry => ({
  stream,
  split,
  from: null,
  to,
})

describe('a plan', () => {
  it('follows from its input alone, and shows nothing secret or personal', () => {
    const plan = makePlan(inputOf())
    expect(plan).toEqual(makePlan(inputOf()))
    expect(plan).toMatchObject({
      dataset: 'Some_things',
      label: 'things:[EMAIL]',
      folder: '/root/data/raw/Some_things',
      format: 'parquet',
      isFull: true,
      previous: null,
      options: { url: 'https://u:[redacted]@h/', owner: '[EMAIL]' },
      tags: { dataset: 'Some_things', source_system: 'things', sensitivity: 'masked' },
      why: ['The dataset Some_things has no snapshot: all is read.', 'one: delimiter: ";"'],
    })
  })

  it('says what will be looked for in each column that is known, and refuses a mask that fits none', () => {
    const schema = schemaOf({ id: types.int64, contact_email: types.utf8, note: types.utf8 })
    const streams = [{ stream: { name: 'one', schema } }]
    const masks = makePlan(inputOf({ streams, options: { masks: [{ column: 'note', action: 'drop' }] } }))
      .streams[0]?.masks
    expect(Object.entries(masks ?? {}).map(([column, { action, by }]) => [column, action, by])).toEqual([
      ['contact_email', 'redact', 'name'],
      ['note', 'drop', 'rule'],
    ])
    const wrong = { masks: [{ column: 'nobody', action: 'drop' }] } as const
    expect(() => makePlan(inputOf({ streams, options: wrong }))).toThrow(/nobody/)
  })

  it('resumes each share from its own position, and carries the others', () => {
    const latest = latestWith([
      entry('one', 'a', { at: 1 }),
      entry('one', 'gone', { at: 2 }),
      entry('two', null, { at: 3 }),
    ])
    const plan = makePlan(
      inputOf({ latest, streams: [{ stream: { name: 'one' }, splits: [{ id: 'b' }, { id: 'a' }] }] }),
    )
    expect(plan.streams[0]?.shares).toEqual([{ split: { id: 'b' } }, { split: { id: 'a' }, from: { at: 1 } }])
    expect(plan.carried).toEqual([
      { stream: 'one', split: 'gone', from: { at: 2 }, to: { at: 2 } },
      { stream: 'two', split: null, from: { at: 3 }, to: { at: 3 } },
    ])
    expect(plan.isFull).toBe(false)
  })

  it('does not use positions of another source, nor with full, nor without the capability', () => {
    const positions = [entry('one', null, { at: 1 })]
    const isFull = (input: PlanInput): boolean => makePlan(input).isFull
    expect(isFull(inputOf({ latest: latestWith(positions) }))).toBe(false)
    expect(isFull(inputOf({ latest: latestWith(positions, 'other') }))).toBe(true)
    expect(isFull(inputOf({ latest: latestWith(positions), options: { full: true } }))).toBe(true)
    expect(isFull(inputOf({ latest: latestWith(positions) }, { capabilities: {} }))).toBe(true)
  })

  it('refuses a position that the source no longer knows, and a stream that is not there', () => {
    const position = {
      '~standard': { ...pass['~standard'], validate: () => ({ issues: [{ message: 'no' }] }) },
    }
    const latest = latestWith([entry('one', null, { at: 1 })])
    expect(() => makePlan(inputOf({ latest }, { position: position as never }))).toThrow(/--full/)
    expect(() => makePlan(inputOf({ options: { streams: ['none'] } }))).toThrow(/There are: one/)
  })

  it('tells names that are masked alike apart by their digest', () => {
    const names = ['ann@example.com', 'bob@example.com']
    const positions = names.map((name) => makePlan(inputOf({ streams: [{ stream: { name } }] })))
    expect(positions.map(({ streams }) => streams[0]?.folder)).toEqual(['', ''])
    const both = makePlan(inputOf({ streams: names.map((name) => ({ stream: { name } })) }))
    expect(both.streams.map(({ folder }) => folder)).toEqual(['EMAIL', 'EMAIL-2'])
  })
})
