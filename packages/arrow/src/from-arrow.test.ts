import type { Batch } from '@omni/spec'
import * as apache from 'apache-arrow'
import { describe, expect, it } from 'vitest'
import { encodeRows } from './batch-builder.ts'
import { toIpc } from './ipc.ts'
import { normalizeBatch } from './normalize.ts'
import { readColumn, rowsOf } from './read-column.ts'
import { toArrow, toArrowTable } from './to-arrow.ts'
import { parseType, typeToString } from './type-text.ts'
import { schemaOf, types } from './types.ts'

// What apache-arrow itself builds and says is the oracle here.

function batchOf(vector: apache.Vector): apache.RecordBatch {
  return new apache.Table({ a: vector }).batches[0] as apache.RecordBatch
}

async function read(batch: apache.RecordBatch): Promise<{ type: string; values: unknown[] }> {
  const ours = await normalizeBatch(batch)
  const column = ours.columns[0] as Batch['columns'][number]
  const reader = readColumn(column)
  return {
    type: typeToString(column.type),
    values: Array.from({ length: column.length }, (_, i) => reader.value(i)),
  }
}

const words = ['x', null, 'a longer text than twelve bytes', '', 'ü', 'x', null, 'last']

describe('columns that apache-arrow built', () => {
  it.each<[string, apache.DataType, unknown[], string]>([
    ['Utf8', new apache.Utf8(), words, 'utf8'],
    ['LargeUtf8', new apache.LargeUtf8(), words, 'utf8'],
    ['dictionary', new apache.Dictionary(new apache.Utf8(), new apache.Int16()), words, 'utf8'],
    ['Bool', new apache.Bool(), [true, null, false, true, true, null, false, true, true], 'bool'],
    ['Int64', new apache.Int64(), [2n ** 60n, null, -1n], 'int64'],
    ['Uint64', new apache.Uint64(), [2n ** 64n - 1n, null, 0n], 'uint64'],
    ['Int8', new apache.Int8(), [-128, null, 127], 'int8'],
    ['Float32', new apache.Float32(), [0.5, null, -1.25], 'float32'],
    [
      'list',
      new apache.List(new apache.Field('item', new apache.Int32(), true)),
      [[1, 2], null, [], [null, 3]],
      'list<int32>',
    ],
    [
      'list of fixed size',
      new apache.FixedSizeList(2, new apache.Field('item', new apache.Int32(), true)),
      [[1, 2], null, [3, 4]],
      'list<int32>',
    ],
    [
      'struct',
      new apache.Struct([
        new apache.Field('x', new apache.Int32(), true),
        new apache.Field('y', new apache.Utf8(), true),
      ] as never),
      [{ x: 1, y: 'a' }, null, { x: null, y: 'b' }],
      'struct<x: int32, y: utf8>',
    ],
  ])('%s, whole and from the middle', async (_, type, values, text) => {
    const batch = batchOf(apache.vectorFromArray(values, type))
    expect(await read(batch)).toEqual({ type: text, values })
    for (let start = 0; start < values.length; start++) {
      expect((await read(batch.slice(start))).values).toEqual(values.slice(start))
      expect((await read(batch.slice(start, start + 2))).values).toEqual(values.slice(start, start + 2))
    }
    const ipc = apache.tableToIPC(new apache.Table([batch]), 'file')
    const back = await normalizeBatch(ipc)
    expect([...rowsOf(back)].map((row) => row['a'])).toEqual(values)
  })

  it('Date[ms] as timestamps without a zone', async () => {
    const vector = apache.vectorFromArray([new Date(1)], new apache.DateMillisecond())
    expect(await read(batchOf(vector))).toEqual({
      type: 'timestamp(ms)',
      values: ['1970-01-01T00:00:00.001'],
    })
  })

  it('views of text, inline and out of line', async () => {
    const long = new TextEncoder().encode('prefix and then some more')
    const views = new Uint8Array(48)
    const cells = new DataView(views.buffer)
    cells.setInt32(0, 3, true)
    views.set(new TextEncoder().encode('abc'), 4)
    cells.setInt32(32, 18, true)
    views.set(long.subarray(7, 11), 36)
    cells.setInt32(40, 0, true)
    cells.setInt32(44, 7, true)
    const data = apache.makeData({
      type: new apache.Utf8View(),
      length: 3,
      views,
      nullBitmap: Uint8Array.of(0b101),
      variadicBuffers: [long],
    } as never)
    const batch = batchOf(new apache.Vector([data as never]))
    expect(await read(batch)).toEqual({ type: 'utf8', values: ['abc', null, 'and then some more'] })
  })

  it('keys outside their dictionary are a fault, not a value', async () => {
    const dictionary = apache.vectorFromArray(['a', 'b'], new apache.Utf8())
    const type = new apache.Dictionary(new apache.Utf8(), new apache.Int8())
    for (const key of [2, -1]) {
      const data = apache.makeData({ type, length: 2, data: Int8Array.of(0, key), dictionary } as never)
      await expect(normalizeBatch(batchOf(new apache.Vector([data as never])))).rejects.toMatchObject({
        code: 'arrow.batch.damaged',
      })
    }
  })

  it('views outside their buffer are a fault, not a value', async () => {
    const views = new Uint8Array(16)
    const cells = new DataView(views.buffer)
    cells.setInt32(0, 20, true)
    for (const [buffer, at] of [
      [0, 5],
      [1, 0],
      [0, -1],
    ]) {
      cells.setInt32(8, buffer as number, true)
      cells.setInt32(12, at as number, true)
      const data = apache.makeData({
        type: new apache.BinaryView(),
        length: 1,
        views,
        variadicBuffers: [new Uint8Array(24)],
      } as never)
      await expect(normalizeBatch(batchOf(new apache.Vector([data as never])))).rejects.toMatchObject({
        code: 'arrow.batch.damaged',
      })
    }
  })

  it('bytes hidden under a null do not show', async () => {
    const data = apache.makeData({
      type: new apache.Utf8(),
      length: 3,
      nullCount: 1,
      nullBitmap: Uint8Array.of(0b101),
      valueOffsets: Int32Array.of(0, 1, 7, 8),
      data: new TextEncoder().encode('asecretb'),
    })
    const batch = await normalizeBatch(batchOf(new apache.Vector([data])))
    const [column] = batch.columns
    expect(Buffer.from(column?.values ?? []).toString()).toBe('ab')
    expect([...rowsOf(batch)].map((row) => row['a'])).toEqual(['a', null, 'b'])
  })

  it.each([
    ['Interval', apache.vectorFromArray([Int32Array.of(1, 2)], new apache.IntervalDayTime())],
    [
      'Union',
      apache.makeVector(
        apache.makeData({
          type: new apache.SparseUnion([0], [new apache.Field('x', new apache.Int32())]),
          typeIds: Int8Array.of(0),
          children: [apache.makeData({ type: new apache.Int32(), data: Int32Array.of(1) })],
        } as never) as never,
      ),
    ],
  ])('%s is refused as unsupported', async (_, vector) => {
    await expect(normalizeBatch(batchOf(vector as apache.Vector))).rejects.toMatchObject({
      kind: 'unsupported',
      code: 'arrow.type.unsupported',
    })
  })
})

describe('columns that apache-arrow reads', () => {
  it('say what ours say', async () => {
    const schema = schemaOf({
      i: types.int64,
      u: types.uint32,
      f: types.float32,
      t: types.utf8,
      b: types.bool,
      d: parseType('decimal(20,2)'),
      l: parseType('list<int16>'),
      m: parseType('map<utf8, float64>'),
    })
    const batch = encodeRows(
      [
        { i: 2n ** 60n, u: 4294967295, f: 0.5, t: 'ü', b: true, d: '-1.25', l: [1, null], m: [['k', 1.5]] },
        {},
        { i: -1n, u: 0, f: -0, t: '', b: false, d: '99999999999999999.99', l: [], m: [] },
      ],
      schema,
    )
    const table = await toArrowTable([batch, batch])
    expect(table.numRows).toBe(6)
    const cell = (name: string, i: number): unknown => table.getChild(name)?.get(i)
    expect([0, 1, 2].map((i) => cell('i', i))).toEqual([2n ** 60n, null, -1n])
    expect([0, 1, 2].map((i) => cell('u', i))).toEqual([4294967295, null, 0])
    expect([0, 1, 2].map((i) => cell('t', i))).toEqual(['ü', null, ''])
    expect([0, 1, 2].map((i) => cell('b', i))).toEqual([true, null, false])
    expect([...(cell('l', 0) as Iterable<unknown>)]).toEqual([1, null])
    expect([...(cell('m', 0) as Iterable<unknown>)]).toEqual([['k', 1.5]])
    expect(cell('d', 1)).toBe(null)
    expect(
      BigInt.asIntN(128, new BigUint64Array((cell('d', 0) as Uint32Array).slice().buffer).at(0) ?? 0n),
    ).toBe(BigInt.asUintN(64, -125n))
  })

  it('keep the source type in their metadata', async () => {
    const [field] = schemaOf({ a: types.int64 }).fields
    const schema = { fields: [{ ...(field as NonNullable<typeof field>), sourceType: 'bigint unsigned' }] }
    const batch = encodeRows([{ a: 1 }], schema)
    expect((await normalizeBatch(await toArrow(batch))).schema).toEqual(schema)
    expect((await normalizeBatch(await toIpc([batch]))).schema).toEqual(schema)
  })
})

describe('IPC bytes', () => {
  it('say how many nulls there are in a list of nothing', async () => {
    const batch = encodeRows([{ a: [null, null] }, { a: [] }], schemaOf({ a: parseType('list<null>') }))
    // The message itself: apache-arrow corrects the number when it reads.
    const nodes: unknown[] = []
    for (const message of new apache.MessageReader(await toIpc([batch]))) {
      if (message.isRecordBatch())
        nodes.push(...message.header().nodes.map((node) => [node.length, node.nullCount]))
    }
    expect(nodes.map((node) => String(node))).toEqual(['2,0', '2,2'])
  })

  it('without a batch still have their schema', async () => {
    const schema = schemaOf({ a: types.int64 })
    expect(await normalizeBatch(await toIpc([], schema))).toMatchObject({ schema, rows: 0 })
  })

  it('that are cut or no IPC are a fault', async () => {
    const bytes = await toIpc([encodeRows([{ a: 'some text' }], schemaOf({ a: types.utf8 }))])
    for (const end of [3, 20, bytes.length - 30]) {
      await expect(normalizeBatch(bytes.subarray(0, end))).rejects.toMatchObject({
        code: 'arrow.ipc.damaged',
      })
    }
    await expect(normalizeBatch(Buffer.from('<html>not arrow</html>'))).rejects.toMatchObject({
      kind: 'data',
    })
  })
})
