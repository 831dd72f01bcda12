import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type JsonDecoder, type JsonMode, type JsonNode, listNodes } from './json.ts'
import { loadKernelsSync, twins } from './load.ts'

const kernels = loadKernelsSync()

const leafKind = fc.constantFrom(
  'null',
  'bool',
  'int64',
  'decimal',
  'float64',
  'text',
  'text',
  'empty' as const,
)
const { node } = fc.letrec<{ node: JsonNode; struct: JsonNode; list: JsonNode; leaf: JsonNode }>((tie) => ({
  leaf: leafKind.map((kind): JsonNode => ({ kind, children: [] })),
  list: tie('node').map((item): JsonNode => ({ kind: 'list', children: [item] })),
  struct: fc
    .uniqueArray(fc.tuple(fc.constantFrom(...names()), tie('node')), {
      selector: ([name]) => name,
      maxLength: 5,
    })
    .map(
      (fields): JsonNode => ({
        kind: 'struct',
        children: fields.map(([name, field]) => ({ ...field, name })),
      }),
    ),
  node: fc.oneof({ maxDepth: 3 }, { weight: 4, arbitrary: tie('leaf') }, tie('list'), tie('struct')),
}))

function names(): string[] {
  return [
    'a',
    'id',
    'é',
    'a"b',
    'a\\',
    'x'.repeat(15),
    'x'.repeat(16),
    `${'x'.repeat(16)}y`,
    'z'.repeat(40),
    '',
  ]
}

const root = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...names(), 'value'), node), {
    selector: ([name]) => name,
    maxLength: 6,
  })
  .map(
    (fields): JsonNode => ({ kind: 'struct', children: fields.map(([name, field]) => ({ ...field, name })) }),
  )

const token: Readonly<Record<string, fc.Arbitrary<string>>> = {
  null: fc.constant('null'),
  bool: fc.constantFrom('true', 'false', 'tru', 'falsey'),
  int64: fc.oneof(
    fc.integer().map(String),
    fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }).map(String),
    fc.constantFrom(
      '0',
      '-0',
      '1.0',
      '1.00',
      '-1.0',
      '1.01',
      '01',
      '1e2',
      '-',
      '1.',
      '9223372036854775807',
      '-9223372036854775808',
    ),
    fc.constantFrom(
      '9223372036854775808',
      '-9223372036854775809',
      '123456789012345.0',
      '1234567890123.00',
      '12345678',
    ),
  ),
  decimal: fc.oneof(
    fc.bigInt({ min: -(10n ** 39n), max: 10n ** 39n }).map(String),
    fc.constantFrom('-0', '0', '1.0', '1e1', '00'),
  ),
  float64: fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.stringMatching(/^-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?([eE][+-]?[0-9]{1,3})?$/),
    fc.constantFrom(
      '-0',
      '-0.0',
      '0e99',
      '1E400',
      '9007199254740993',
      '9007199254740992',
      '1e21',
      '1e+21',
      '.5',
      '1.e1',
      '0.1e-7',
    ),
  ),
  text: fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => JSON.stringify(text)),
    fc.string({ unit: 'binary', maxLength: 20 }).map((text) => JSON.stringify(text)),
    fc.constantFrom(
      '"\\u00e9\\ud83d\\ude00"',
      '"\\ud800"',
      '"\\ud83dx"',
      '"\\x"',
      '"a\tb"',
      '"\\/"',
      '"',
      '"\\u12g4"',
      '"a\\',
    ),
    fc.constantFrom(
      '12',
      '-0',
      '1.5',
      'true',
      'false',
      '{}',
      '[]',
      '{ }',
      '[1]',
      '{"a":1}',
      '1234567890123456',
    ),
  ),
  nested: fc.oneof(
    fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify([value])),
    fc
      .jsonValue({ maxDepth: 3 })
      .map((value) => JSON.stringify({ é: value, b: [value, { c: value }] }, null, ' ').replaceAll('\n', '')),
    fc.constantFrom(
      '{"a":1,"a":2}',
      '{"a":{"a":1},"b":{"a":2}}',
      '{"1":2}',
      '{"a1":0.5, "b" : [ ]}',
      '["\\/"]',
      '["\\u00e9"]',
    ),
    fc.constantFrom(
      String.raw`"\b\f\n\r\t\"\\\/"`,
      String.raw`["\b\f\n\r\t\"\\"]`,
      '[1.50]',
      '[-0]',
      '[0.000001,0.0000001]',
      '[1e5]',
      '[1,]',
      '{"a"}',
      '[',
      '["\\n\\"\\\\"]',
      '{"a":tru}',
    ),
    fc.constantFrom(
      '['.repeat(32) + ']'.repeat(32),
      '['.repeat(33) + ']'.repeat(33),
      '[123456789.123456,0.12345678901234,-12345678.1234567]',
    ),
    fc
      .nat(40)
      .map((n) => `{${Array.from({ length: n }, (_, i) => `"k${i}":[[["${'x'.repeat(i)}"]]]`).join(',')}}`),
  ),
  empty: fc.constantFrom('{}', '{ }', '{"a":1}', '[]', '"{}"'),
}

const space = fc.constantFrom('', '', '', '', ' ', '\t ', '\r', '          ')

/** JSON that mostly fits the node, with now and then a value of another kind, a name too many or too few. */
function jsonOf(node: JsonNode, gap: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const other = fc.constantFrom('null', '1', '"x"', '{}', '[]', '{"q":1}', '')
  const fitting =
    node.kind === 'list'
      ? fc
          .tuple(gap, fc.array(jsonOf(node.children[0] as JsonNode, gap), { maxLength: 4 }))
          .map(([s, items]) => `[${s}${items.join(`${s},`)}${s}]`)
      : node.kind === 'struct'
        ? objectOf(node, gap)
        : fc.oneof(
            { weight: 3, arbitrary: token[node.kind] as fc.Arbitrary<string> },
            { weight: node.kind === 'text' ? 1 : 0, arbitrary: token['nested'] as fc.Arbitrary<string> },
          )
  return fc.oneof(
    { weight: 12, arbitrary: fitting },
    { weight: 2, arbitrary: fc.constant('null') },
    { weight: 1, arbitrary: other },
  )
}

function objectOf(node: JsonNode, gap: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const members = node.children.map((child) =>
    fc
      .tuple(gap, spelled(child.name ?? ''), jsonOf(child, gap))
      .map(([s, name, value]) => `${s}"${name}"${s}:${s}${value}${s}`),
  )
  const all = members.length === 0 ? fc.constant<string[]>([]) : fc.tuple(...members)
  return fc
    .oneof(
      { weight: 8, arbitrary: all },
      { weight: 2, arbitrary: all.chain((list) => fc.shuffledSubarray(list)) },
      { weight: 1, arbitrary: all.map((list) => [...list, ...list.slice(0, 1)]) },
      { weight: 1, arbitrary: all.map((list) => [...list, '"new":1']) },
    )
    .map((list) => `{${list.join(',')}}`)
}

function spelled(name: string): fc.Arbitrary<string> {
  const plain = JSON.stringify(name).slice(1, -1)
  return fc.constantFrom(
    plain,
    plain,
    plain,
    plain.replace('é', '\\u00e9'),
    plain.replace('é', '\\u00E9'),
    plain.replace('a', '\\u0061'),
  )
}

interface Drained {
  readonly log: unknown[]
  readonly columns: unknown[][]
}

/** Everything the decoder makes of the input: unusual records are left out, and full columns taken. */
function drain(
  decoder: JsonDecoder,
  tree: JsonNode,
  bare: number,
  bytes: Uint8Array,
  mode: JsonMode,
  maxRows: number,
): Drained {
  const ids = listNodes(tree).length
  const log: unknown[] = []
  const columns: unknown[][] = []
  decoder.configure(tree, bare, maxRows % 4 === 0)
  decoder.load(bytes, 0, bytes.length)
  let from = 0
  let lines = 0
  for (let turn = 0; from < bytes.length && turn < 100; turn++) {
    const found = decoder.run(mode, from, bytes.length, maxRows)
    from += found.consumed
    lines += found.lines
    if (found.stop !== 'full' && found.stop !== 'end')
      log.push([from, found.stop, decoder.rows, lines, found.lineStart])
    if (found.stop === 'closed') break
    if (found.stop === 'unusual') {
      const next = bytes.indexOf(10, from)
      if (mode !== 'lines' || next < 0) break
      from = next + 1
    }
  }
  for (let id = 0; id < ids; id++) {
    const { length, present, validity, values, ends, isWide } = decoder.column(id, id)
    columns.push([
      length,
      present,
      Buffer.from(validity).toString('hex'),
      Buffer.from(values).toString('hex'),
      ends && [...ends],
      isWide,
    ])
  }
  decoder.release()
  return { log, columns }
}

describe('createJsonDecoder', () => {
  it('reads lines as its specification does, byte for byte', () => {
    let kept = 0
    fc.assert(
      fc.property(
        root.chain((tree) =>
          fc.tuple(
            fc.constant(tree),
            fc.array(
              fc.oneof(
                { weight: 9, arbitrary: objectOf(tree, space) },
                { weight: 1, arbitrary: fc.constantFrom('', ' ', '[1]', '"x"', 'null', '{') },
              ),
              { maxLength: 12 },
            ),
          ),
        ),
        fc.constantFrom('\n', '\r\n', '\n\n'),
        fc.boolean(),
        fc.integer({ min: 1, max: 20 }),
        ([tree, lines], end, ends, maxRows) => {
          const bytes = Buffer.from(lines.join(end) + (ends ? end : ''))
          const bare = tree.children.findIndex(({ name }) => name === 'value')
          const twin = drain(twins.createJsonDecoder(), tree, bare, bytes, 'lines', maxRows)
          expect(drain(kernels.createJsonDecoder(), tree, bare, bytes, 'lines', maxRows)).toEqual(twin)
          kept += (twin.columns[0]?.[0] as number) ?? 0
        },
      ),
      { numRuns: 2000 },
    )
    expect(kept).toBeGreaterThan(2000)
  })

  it('reads the items of an array, and objects one after another, as its specification does', () => {
    const gap = fc.constantFrom('', '', ' ', '\n', '\r\n            ')
    fc.assert(
      fc.property(
        root.chain((tree) =>
          fc.tuple(fc.constant(tree), fc.array(objectOf(tree, gap), { minLength: 1, maxLength: 8 })),
        ),
        gap,
        fc.constantFrom<JsonMode>('items', 'objects'),
        fc.nat(),
        ([tree, records], s, mode, cut) => {
          const text = mode === 'items' ? `${records.join(`${s},${s}`)}${s}]` : records.join(s)
          const whole = Buffer.from(text)
          for (const bytes of [whole, whole.subarray(0, cut % (whole.length + 1))]) {
            const twin = drain(twins.createJsonDecoder(), tree, -1, bytes, mode, 100)
            expect(drain(kernels.createJsonDecoder(), tree, -1, bytes, mode, 100)).toEqual(twin)
          }
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('makes room for what is large: long texts, long lists, many numbers in doubt, many rows', () => {
    const leaf = (kind: JsonNode['kind'], name = ''): JsonNode => ({ kind, name, children: [] })
    const tree: JsonNode = {
      kind: 'struct',
      children: [
        leaf('text', 't'),
        { kind: 'list', name: 'l', children: [leaf('float64')] },
        { kind: 'list', name: 's', children: [leaf('text')] },
      ],
    }
    const record = JSON.stringify({
      t: 'x\n'.repeat(100_000),
      l: Array.from({ length: 40_000 }, (_, i) => 0.1234567890123456 + i),
      s: Array.from({ length: 40_000 }, (_, i) => `item ${i}`),
    })
    const text = `${record}\n{"t":"short"}\n`.repeat(3) + '{}\n'.repeat(20_000)
    const bytes = Buffer.from(text)
    const decoder = kernels.createJsonDecoder()
    decoder.configure(tree, -1)
    decoder.load(bytes, 0, bytes.length)
    let from = 0
    let rows = 0
    const items: number[] = []
    const texts: number[] = []
    while (from < bytes.length) {
      const found = decoder.run('lines', from, bytes.length, Number.POSITIVE_INFINITY)
      from += found.consumed
      rows += found.rows
      expect(found.stop).not.toBe('unusual')
      if (found.stop === 'end' && from < bytes.length) continue
      items.push(decoder.column(4, 0).length)
      texts.push(decoder.column(1, 0).values.length)
      decoder.reset()
    }
    const sum = (list: number[]): number => list.reduce((a, b) => a + b, 0)
    expect([rows, sum(items), sum(texts)]).toEqual([20_006, 120_000, 3 * 200_005])
    decoder.release()
  })
})
