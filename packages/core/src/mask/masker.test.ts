import { type Batch, type Column, isFault, type Schema } from '@omni/spec'
import { expect, test } from 'vitest'
import { fixed, int64, list, map, struct, text, texts } from '../../test/mask/columns.ts'
import { columnPaths, createMasker, DEFAULT_POLICY, type MaskAction, type MaskPolicy } from './index.ts'

function batchOf(columns: Readonly<Record<string, Column>>): Batch {
  const names = Object.keys(columns)
  const schema: Schema = {
    fields: names.map((name) => ({ name, type: columns[name]!.type, nullable: false })),
  }
  return { schema, rows: Object.values(columns)[0]!.length, columns: Object.values(columns) }
}

function rules(given: Readonly<Record<string, MaskAction>>): MaskPolicy {
  return { ...DEFAULT_POLICY, rules: Object.entries(given).map(([column, action]) => ({ column, action })) }
}

function run(batch: Batch, policy: MaskPolicy = DEFAULT_POLICY) {
  const masker = createMasker(batch.schema, policy)
  const out = masker.mask(batch)
  masker.scan(out)
  return { masker, out, report: masker.report() }
}

function faultOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (isFault(error)) return `${error.kind} ${error.code} ${error.why}`
    throw error
  }
  return 'none'
}

test('a column without a hit is the same object; one with hits is new and its input unchanged', () => {
  const plain = text(['hello', null, ''])
  const hit = text(['to joe@x.org', null, 'call 415-555-0123 now'])
  const before = hit.values.slice()
  const { out, report } = run(batchOf({ plain, hit }))
  expect(out.columns[0]).toBe(plain)
  expect(texts(out.columns[1]!)).toEqual(['to [EMAIL]', null, 'call [PHONE] now'])
  expect(hit.values).toEqual(before)
  expect(report).toEqual({
    mode: 'detect',
    enabled: true,
    columns: {
      plain: { detectors: ['email', 'phone'], hits: {}, action: 'redact', by: 'content' },
      hit: { detectors: ['email', 'phone'], hits: { email: 1, phone: 1 }, action: 'redact', by: 'content' },
    },
    residual: { blocks: 1, values: 6, hits: 0 },
    blocks: 1,
  })
})

test('columns are masked whole by name, whatever their type', () => {
  const { out, report, masker } = run(
    batchOf({
      phone: int64([14155550123n, null, 7n]),
      email: text(['none', null, '']),
      ssn: text(['078-05-1120', 'x', 'y'], 'binary'),
      fax: fixed({ kind: 'bool' }, [new Uint8Array(1)], 1),
    }),
  )
  const [phone, email, ssn] = out.columns
  expect([phone!.nullCount, [...phone!.values].every((b) => b === 0)]).toEqual([3, true])
  expect(texts(email!)).toEqual(['[EMAIL]', null, ''])
  expect(texts(ssn!)).toEqual(['[SSN]', '[SSN]', '[SSN]'])
  expect(masker.schema.fields.map((field) => field.nullable)).toEqual([true, false, false, true])
  expect(report.columns['phone']).toEqual({
    detectors: ['phone'],
    hits: { phone: 2 },
    action: 'redact',
    by: 'name',
  })
})

test('names count below lists, structs and map keys', () => {
  const { out, masker } = run(
    batchOf({
      phones: list(int64([1n, 2n, 3n]), [1, 2]),
      who: struct(['mail', 'age'], [text(['a', 'b']), int64([1n, 2n])]),
      facts: map(text(['phone', 'age', 'e-mail']), int64([5n, 6n, 7n]), [2, 1]),
      said: map(text(['tel', 'note']), text(['unlisted', 'joe@x.org']), [1, 1]),
    }),
  )
  expect(out.columns[0]!.children[0]!.nullCount).toBe(3)
  expect(texts(out.columns[1]!.children[0]!)).toEqual(['[EMAIL]', '[EMAIL]'])
  expect(out.columns[1]!.children[1]!.nullCount).toBe(0)
  const values = out.columns[2]!.children[1]!
  expect([...new BigInt64Array(values.values.slice().buffer)]).toEqual([0n, 6n, 0n])
  expect([values.nullCount, values.validity![0]! & 7]).toEqual([2, 0b010])
  expect(texts(out.columns[3]!.children[1]!)).toEqual(['[PHONE]', '[EMAIL]'])
  const facts = masker.schema.fields[2]!.type
  expect(facts.kind === 'map' && facts.value.nullable).toBe(true)
})

test('columns of a fixed width keep it', () => {
  const type = { kind: 'fixed', bytes: 16 } as const
  const { out } = run(
    batchOf({ code: fixed(type, [Buffer.from('to joe@x.org now'), Buffer.from('0123456789abcdef')], 16) }),
  )
  expect(Buffer.from(out.columns[0]!.values).toString()).toBe('to ********* now0123456789abcdef')
})

test('rules: keep, drop and redact, nested too', () => {
  const batch = batchOf({
    phone: int64([5n]),
    note: text(['joe@x.org']),
    secret: text(['anything']),
    salary: int64([9n]),
    who: struct(['a', 'b'], [text(['x@y.org']), text(['joe@x.org'])]),
    items: list(struct(['sku', 'price'], [text(['s']), int64([1n])]), [1]),
  })
  const policy = rules({
    phone: 'keep',
    note: 'drop',
    secret: 'redact',
    salary: 'redact',
    'who.b': 'drop',
    'items[].price': 'redact',
  })
  const { out, masker, report } = run(batch, policy)
  expect(masker.schema.fields.map((field) => field.name)).toEqual([
    'phone',
    'secret',
    'salary',
    'who',
    'items',
  ])
  expect(out.columns[0]).toBe(batch.columns[0])
  expect(texts(out.columns[1]!)).toEqual(['[REDACTED]'])
  expect(out.columns[2]!.nullCount).toBe(1)
  expect(out.columns[3]!.children.map(texts)).toEqual([['[EMAIL]']])
  expect(out.columns[4]!.children[0]!.children[1]!.nullCount).toBe(1)
  expect(report.columns).toMatchObject({
    phone: { action: 'keep', by: 'rule', detectors: [] },
    note: { action: 'drop', by: 'rule' },
    'who.b': { action: 'drop', by: 'rule' },
    secret: { action: 'redact', by: 'rule', hits: { other: 1 } },
  })
})

test('a rule below a kept column still holds', () => {
  const batch = batchOf({ who: struct(['mail', 'age'], [text(['joe@x.org']), int64([4n])]) })
  const { out } = run(batch, rules({ who: 'keep', 'who.age': 'redact' }))
  expect(texts(out.columns[0]!.children[0]!)).toEqual(['joe@x.org'])
  expect(out.columns[0]!.children[1]!.nullCount).toBe(1)
})

test('rules that cannot be followed are faults at once', () => {
  const { schema } = batchOf({ a: text(['x']), l: list(text(['x']), [1]) })
  expect(faultOf(() => createMasker(schema, rules({ b: 'redact' })))).toMatch(/^config mask\.column .*: b\.$/)
  expect(faultOf(() => createMasker(schema, rules({ 'l[]': 'drop' })))).toMatch(/^config mask\.drop/)
  expect(faultOf(() => createMasker(schema, rules({ a: 'hide' as MaskAction })))).toMatch(
    /^config mask\.action/,
  )
  const twice = [
    { column: 'a', action: 'keep' as const },
    { column: 'a', action: 'drop' as const },
  ]
  expect(faultOf(() => createMasker(schema, { ...DEFAULT_POLICY, rules: twice }))).toMatch(
    /^config mask\.twice/,
  )
})

test('names of columns are masked, and stay different', () => {
  const { masker, report } = run(
    batchOf({ 'joe@x.org': text(['1']), 'ann@x.org': text(['2']), plain: text(['3']) }),
  )
  expect(masker.schema.fields.map((field) => field.name)).toEqual(['[EMAIL]', '[EMAIL]_2', 'plain'])
  expect(JSON.stringify(report)).not.toMatch(/joe|ann/)
})

test('switched off: nothing is changed, and the report says so', () => {
  const batch = batchOf({ note: text(['joe@x.org']) })
  const { out, report } = run(batch, { ...DEFAULT_POLICY, enabled: false })
  expect(out).toBe(batch)
  expect(report).toMatchObject({ enabled: false, columns: {}, blocks: 1 })
})

test('fails closed: a block that was not masked, or not scanned', () => {
  const batch = batchOf({ note: text(['joe@x.org']) })
  const unmasked = createMasker(batch.schema, DEFAULT_POLICY)
  expect(faultOf(() => unmasked.scan(batch))).toMatch(/^bug mask\.incomplete/)
  unmasked.mask(batch)
  expect(faultOf(() => unmasked.report())).toMatch(/^bug mask\.incomplete/)
  expect(faultOf(() => unmasked.scan(batch))).toMatch(/^data mask\.residual/)
  const short = createMasker(batch.schema, DEFAULT_POLICY)
  short.mask(batch)
  short.scan(batchOf({ note: text([]) }))
  expect(faultOf(() => short.report())).toMatch(/^bug mask\.incomplete/)
  expect(faultOf(() => short.mask({ ...batch, columns: [] }))).toMatch(/^bug mask\.schema/)
})

test('hits add up over blocks', () => {
  const batch = batchOf({ note: text(['joe@x.org', 'no']) })
  const masker = createMasker(batch.schema, DEFAULT_POLICY)
  for (let i = 0; i < 3; i++) masker.scan(masker.mask(batch))
  expect(masker.report()).toMatchObject({
    blocks: 3,
    columns: { note: { hits: { email: 3 } } },
    residual: { blocks: 3, values: 6 },
  })
})

test('an identifier column keeps bare digits; other columns do not', () => {
  const { out } = run(batchOf({ order_id: text(['4155550123']), note: text(['4155550123']) }))
  expect(out.columns.map((column) => texts(column)[0])).toEqual(['4155550123', '[PHONE]'])
})

test('paths that a rule may name', () => {
  const { schema } = batchOf({
    a: text([]),
    'b.c': list(struct(['d'], [text([])]), []),
    m: map(text([]), text([]), []),
  })
  expect(columnPaths(schema)).toEqual(['a', 'b.c', 'b.c[]', 'b.c[].d', 'm', 'm.key', 'm.value'])
})
