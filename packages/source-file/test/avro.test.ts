import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkBatch, normalizeBatch, rowsOf } from '@omni/arrow'
import { isFault } from '@omni/spec'
import avsc from 'avsc'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeAvro } from '../src/avro/decode.ts'
import { long, sized, writeContainer } from './avro-writer.ts'
import { corpus, createWorld, LIMITS, readFile, type World } from './world.ts'

const folder = corpus('avro')

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.remove())

type Rows = Record<string, unknown>[]

async function rowsIn(path: string, more: Parameters<typeof readFile>[1] = {}): Promise<Rows> {
  const { batches } = await readFile(path, more)
  const rows: Rows = []
  for (const batch of batches) rows.push(...rowsOf(checkBatch(await normalizeBatch(batch))))
  return rows
}

async function codeOf(path: string): Promise<string> {
  try {
    await readFile(path)
    return 'read'
  } catch (error) {
    if (!isFault(error)) throw error
    return `${error.code}: ${error.why}`
  }
}

/** Rows of a file in memory: without a thread for each of many reads. */
async function rowsInMemory(bytes: Buffer): Promise<Rows> {
  async function* open(): AsyncGenerator<Uint8Array, void, void> {
    yield bytes
  }
  const head = { bytes, complete: true }
  const input = { open, head, fileName: 'x.avro', size: bytes.length }
  const request = { limits: LIMITS, signal: new AbortController().signal }
  let rows: Rows = []
  for await (const chunk of decodeAvro(input, request)) {
    if ('restart' in chunk) rows = []
    else if ('batch' in chunk) rows.push(...rowsOf(checkBatch(await normalizeBatch(chunk.batch))))
  }
  return rows
}

async function rowsOfBlocks(
  schema: unknown,
  blocks: readonly (readonly Uint8Array[])[],
  codec = 'null',
): Promise<Rows> {
  return rowsInMemory(writeContainer(schema, codec, blocks) ?? Buffer.alloc(0))
}

describe('the avro corpus', { timeout: 60_000 }, () => {
  it('gives weather.json in every codec, and the files with other schemas', async (ctx) => {
    if (!folder) return ctx.skip('the public corpora are not on this machine')
    const lines = readFileSync(join(folder, 'weather.json'), 'utf8').trim().split('\n')
    const wanted = lines.map((line) => {
      const { station, time, temp } = JSON.parse(line) as { station: string; time: number; temp: number }
      return { station, time: BigInt(time), temp }
    })
    const byText = (rows: Rows): string[] =>
      rows.map((row) => `${row['station']} ${row['time']} ${row['temp']}`)
    for (const name of ['weather', 'weather-deflate', 'weather-snappy', 'weather-zstd']) {
      expect(await rowsIn(join(folder, `${name}.avro`)), name).toEqual(wanted)
    }
    expect(byText(await rowsIn(join(folder, 'weather-sorted.avro'))).sort()).toEqual(byText(wanted).sort())
    expect(await rowsIn(join(folder, 'schemas/simple/data.avro'))).toEqual(
      ['hello', 'bonjour', 'guten tag'].map((text) => ({ text })),
    )
    const inner = { string: null, int: null, boolean: null }
    expect(await rowsIn(join(folder, 'schemas/withUnion/data.avro'))).toEqual([
      { data1: { tag: 0, string: 'textValue', int: null }, data2: null },
      { data1: { tag: 1, string: null, int: 123 }, data2: { d1: { ...inner, tag: 2, boolean: false } } },
      { data1: { tag: 1, string: null, int: 3 }, data2: { d1: { ...inner, tag: 0, string: 'text value' } } },
    ])
    expect((await rowsIn(join(folder, 'syncInMeta.avro'))).length).toBeGreaterThan(0)
    expect(await codeOf(join(folder, 'test.avro12'))).toMatch(/^file\.avro\.unsupported/)
    console.log('avro: 5 of 5 weather files equal weather.json, 2 of 2 other schemas read')
  })
})

describe('codecs', { timeout: 60_000 }, () => {
  const schema = {
    type: 'record',
    name: 'r',
    fields: [
      { name: 'n', type: 'long' },
      { name: 's', type: 'string' },
    ],
  }
  const records = Array.from({ length: 3000 }, (_, i) =>
    Buffer.concat([long(i - 1500), sized(`value ${i}`.repeat(i % 5))]),
  )
  const blocks = [records.slice(0, 1000), [], records.slice(1000)]
  const wanted = records.map((_, i) => ({ n: BigInt(i - 1500), s: `value ${i}`.repeat(i % 5) }))

  it.each(['null', 'deflate', 'snappy', 'zstandard', 'bzip2', 'xz'])('%s', async (codec) => {
    const file = writeContainer(schema, codec, blocks)
    if (!file) return
    const path = await world.write(`${codec}.avro`, file)
    expect(await rowsIn(path)).toEqual(wanted)
    expect((await rowsIn(path, { limit: 7 })).length).toBe(7)
    const { batches } = await readFile(path, { limits: { chunkRows: 100 } })
    expect(batches.every((batch) => 'rows' in batch && batch.rows <= 100)).toBe(true)
    // A flipped bit in the second half is in a block, its length or its marker.
    const broken = Buffer.from(file)
    broken[Math.floor(file.length * 0.7)] = (broken[Math.floor(file.length * 0.7)] as number) ^ 64
    const verdict = await codeOf(await world.write('broken.avro', broken))
    // The others have no checksum, or the writer left it out.
    if (['snappy', 'bzip2', 'xz'].includes(codec))
      expect(verdict).toMatch(/^file\.avro\.corrupt: .*block 3 \(byte \d+\)/)
    expect(await codeOf(await world.write('cut.avro', file.subarray(0, file.length - 9)))).toMatch(
      /^file\.avro\.truncated: .*block 3 \(byte \d+\)/,
    )
  })

  it('refuses a wrong marker, a wrong checksum, bytes that are left, an unknown codec', async () => {
    const good = writeContainer(schema, 'null', [records]) as Buffer
    const marker = Buffer.from(good)
    marker[marker.length - 1] = (marker.at(-1) as number) ^ 1
    expect(await codeOf(await world.write('a.avro', marker))).toMatch(/corrupt: .*block 1 .* sync marker/)
    const snappy = writeContainer(schema, 'snappy', [records]) as Buffer
    snappy[snappy.length - 17] = (snappy.at(-17) as number) ^ 1
    expect(await codeOf(await world.write('b.avro', snappy))).toMatch(/corrupt: .*does not unpack as snappy/)
    const extra = writeContainer(schema, 'null', [[...records.slice(0, 5), Buffer.alloc(0)]]) as Buffer
    expect(await codeOf(await world.write('c.avro', extra))).toMatch(/corrupt: .*block 1/)
    const lzma = writeContainer(schema, 'lzma', [records]) as Buffer
    expect(await codeOf(await world.write('d.avro', lzma))).toMatch(/^file\.avro\.codec/)
    expect(await codeOf(await world.write('e.avro', Buffer.concat([good, Buffer.from('more')])))).toMatch(
      /file\.avro/,
    )
  })
})

describe('types', () => {
  it('keeps 64-bit longs, and gives logical types theirs', async () => {
    const fields: [string, unknown, Buffer, unknown][] = [
      ['big', 'long', long(9_223_372_036_854_775_807n), 9_223_372_036_854_775_807n],
      ['low', 'long', long(-9_223_372_036_854_775_808n), -9_223_372_036_854_775_808n],
      ['day', { type: 'int', logicalType: 'date' }, long(-1), '1969-12-31'],
      ['t1', { type: 'int', logicalType: 'time-millis' }, long(1), '00:00:00.001'],
      ['t2', { type: 'long', logicalType: 'time-micros' }, long(86_399_999_999), '23:59:59.999999'],
      ['t3', { type: 'long', logicalType: 'timestamp-millis' }, long(-1), '1969-12-31T23:59:59.999Z'],
      ['t4', { type: 'long', logicalType: 'timestamp-micros' }, long(1), '1970-01-01T00:00:00.000001Z'],
      [
        't5',
        { type: 'long', logicalType: 'timestamp-nanos' },
        long(1_700_000_000_123_456_789n),
        '2023-11-14T22:13:20.123456789Z',
      ],
      ['t6', { type: 'long', logicalType: 'local-timestamp-micros' }, long(0), '1970-01-01T00:00:00.000000'],
      [
        'd1',
        { type: 'bytes', logicalType: 'decimal', precision: 5, scale: 2 },
        sized(Buffer.from('fe0c', 'hex')),
        '-5.00',
      ],
      [
        'd2',
        { type: 'fixed', name: 'f', size: 17, logicalType: 'decimal', precision: 40, scale: 0 },
        Buffer.from('000f'.padEnd(34, '0'), 'hex'),
        String(15n << 120n),
      ],
      [
        'id',
        { type: 'string', logicalType: 'uuid' },
        sized('550e8400-e29b-41d4-a716-446655440000'),
        '550e8400-e29b-41d4-a716-446655440000',
      ],
      [
        'id2',
        { type: 'fixed', name: 'u', size: 16, logicalType: 'uuid' },
        Buffer.from('550e8400e29b41d4a716446655440000', 'hex'),
        '550e8400-e29b-41d4-a716-446655440000',
      ],
      [
        'du',
        { type: 'fixed', name: 'd', size: 12, logicalType: 'duration' },
        Buffer.from('0100000002000000ffffffff', 'hex'),
        { months: 1, days: 2, milliseconds: 4_294_967_295 },
      ],
      [
        'bd',
        { type: 'bytes', logicalType: 'big-decimal' },
        sized(Buffer.concat([sized(Buffer.from('04d2', 'hex')), long(3)])),
        '1.234',
      ],
      ['no', { type: 'string', logicalType: 'date' }, sized('a plain text'), 'a plain text'],
      ['out', 'long', long(5), 5n],
    ]
    const schema = { type: 'record', name: 'r', fields: fields.map(([name, type]) => ({ name, type })) }
    const [row] = await rowsOfBlocks(schema, [[Buffer.concat(fields.map(([, , bytes]) => bytes))]])
    expect(row).toEqual(Object.fromEntries(fields.map(([name, , , value]) => [name, value])))
  })

  it('reads text that is not UTF-8 as bytes, and a decimal beyond its digits as text', async () => {
    const schema = {
      type: 'record',
      name: 'r',
      fields: [
        { name: 's', type: 'string' },
        { name: 'd', type: { type: 'bytes', logicalType: 'decimal', precision: 2, scale: 1 } },
      ],
    }
    const records = [
      Buffer.concat([sized('ok'), sized(Buffer.of(15))]),
      Buffer.concat([sized(Buffer.of(0xff, 0xfe)), sized(Buffer.from('03e8', 'hex'))]),
    ]
    expect(await rowsOfBlocks(schema, [records])).toEqual(
      [
        { s: Buffer.from('ok'), d: '1.5' },
        { s: Buffer.of(0xff, 0xfe), d: '100.0' },
      ].map(({ s, d }) => ({ s: new Uint8Array(s), d })),
    )
  })

  it('gives a record inside itself as JSON, with every digit', async () => {
    const schema = {
      type: 'record',
      name: 'Node',
      namespace: 'a.b',
      fields: [
        { name: 'value', type: 'long' },
        { name: 'next', type: ['null', 'Node'] },
        { name: 'more', type: { type: 'map', values: { type: 'array', items: 'a.b.Node' } } },
      ],
    }
    const leaf = (value: bigint): Buffer => Buffer.concat([long(value), long(0), long(0)])
    const record = Buffer.concat([
      long(1),
      long(1),
      Buffer.concat([long(2n ** 60n), long(1), leaf(3n), long(0)]),
      Buffer.concat([long(1), sized('k"'), long(-1), long(leaf(4n).length), leaf(4n), long(0), long(0)]),
    ])
    expect(await rowsOfBlocks(schema, [[record]])).toEqual([
      {
        value: 1n,
        next: `{"value":${2n ** 60n},"next":{"value":3,"next":null,"more":{}},"more":{}}`,
        more: [['k"', ['{"value":4,"next":null,"more":{}}']]],
      },
    ])
  })

  it('reads a file whose values are no records, and one without any', async () => {
    expect(await rowsOfBlocks('string', [[sized('a'), sized('b')]])).toEqual([{ value: 'a' }, { value: 'b' }])
    expect(await rowsOfBlocks(['null', 'int'], [[long(0), Buffer.concat([long(1), long(7)])]])).toEqual([
      { value: null },
      { value: 7 },
    ])
    expect(await rowsOfBlocks({ type: 'record', name: 'r', fields: [] }, [])).toEqual([])
  })
})

describe('against avsc', () => {
  it('gives the same values for random schemas', async () => {
    let values = 0
    await fc.assert(
      fc.asyncProperty(schemaOf(), async (json) => {
        const schema = {
          type: 'record',
          name: 'root',
          fields: [
            { name: 'f', type: json },
            { name: 'after', type: 'int' },
          ],
        }
        const type = avsc.Type.forSchema(structuredClone(schema) as avsc.Schema, {
          wrapUnions: true,
          typeHook: (inner) =>
            (inner === 'long' || (inner as { type?: unknown }).type === 'long'
              ? LONG
              : undefined) as avsc.Type,
        })
        const random: unknown[] = Array.from({ length: 20 }, () => type.random())
        const records = random.map((value) => type.toBuffer(value))
        const rows = await rowsOfBlocks(schema, [records.slice(0, 7), records.slice(7)], 'deflate')
        const wanted = records.map((record) => expected(schema, type.fromBuffer(record)))
        values += wanted.length
        expect(rows).toEqual(wanted)
      }),
      { numRuns: 150 },
    )
    console.log(`avro: ${values} records of 150 random schemas equal avsc's`)
  })
})

const LONG = avsc.types.LongType.__with({
  fromBuffer: (buffer: Buffer) => buffer.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const buffer = Buffer.alloc(8)
    buffer.writeBigInt64LE(value)
    return buffer
  },
  // What random() makes goes through here: of every size.
  fromJSON: (value: number) =>
    BigInt.asIntN(64, BigInt(value) * 12_345_678_901n) >> BigInt(Math.abs(value % 60)),
  toJSON: String,
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: (a: bigint, b: bigint) => (a === b ? 0 : a < b ? -1 : 1),
})
type Json = string | Json[] | { readonly [key: string]: unknown }

function schemaOf(): fc.Arbitrary<Json> {
  let names = 0
  const name = (): string => `n${names++}`
  const leaf = fc.constantFrom<Json>('boolean', 'int', 'long', 'float', 'double', 'bytes', 'string')
  const named = fc.oneof(
    fc.integer({ min: 1, max: 20 }).map((size): Json => ({ type: 'fixed', name: name(), size })),
    fc.constant(0).map((): Json => ({ type: 'enum', name: name(), symbols: ['A', 'B', 'C'] })),
  )
  const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      named,
      tie('tree').map((items): Json => ({ type: 'array', items })),
      tie('tree').map((values): Json => ({ type: 'map', values })),
      fc.oneof(leaf, named).map((inner): Json => ['null', inner]),
      fc.oneof(leaf, named).map((inner): Json => [inner, 'null']),
      fc.uniqueArray(leaf, { minLength: 2, maxLength: 5 }).map((inner): Json => [...inner]),
      fc
        .uniqueArray(leaf, { minLength: 2, maxLength: 4 })
        .map((inner): Json => [inner[0] as Json, 'null', ...inner.slice(1)]),
      fc.array(tie('tree'), { minLength: 1, maxLength: 4 }).map(
        (types): Json => ({
          type: 'record',
          name: name(),
          fields: types.map((type, i) => ({ name: `f${i}`, type })),
        }),
      ),
    ),
  }))
  return tree
}

/** A value of avsc as the rows have it. */
function expected(schema: unknown, value: unknown): unknown {
  if (Array.isArray(schema)) return expectedUnion(schema as Json[], value)
  const json = schema as {
    type: string
    fields: { name: string; type: unknown }[]
    items: unknown
    values: unknown
  }
  switch (typeof schema === 'string' ? schema : json.type) {
    case 'record':
      return Object.fromEntries(
        json.fields.map(({ name, type }) => [name, expected(type, (value as Record<string, unknown>)[name])]),
      )
    case 'array':
      return (value as unknown[]).map((item) => expected(json.items, item))
    case 'map':
      return Object.entries(value as object).map(([key, item]) => [key, expected(json.values, item)])
    case 'bytes':
    case 'fixed':
      return new Uint8Array(value as Buffer)
    default:
      return value
  }
}

function expectedUnion(variants: readonly Json[], value: unknown): unknown {
  if (value === null) return null
  const [branch, inner] = Object.entries(value as object)[0] as [string, unknown]
  const nameOf = (variant: Json): string =>
    typeof variant === 'string' ? variant : String((variant as { name: string }).name)
  const tag = variants.findIndex((variant) => nameOf(variant) === branch)
  const own = expected(variants[tag], inner)
  if (variants.length === 2 && variants.includes('null')) return own
  const others = variants.filter((variant) => variant !== 'null').map((variant) => [nameOf(variant), null])
  return { tag, ...Object.fromEntries(others), [branch]: own }
}
