import type { Batch, DataType } from '@omni/spec'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyBatch, anyType, cutsOf, typedValues } from '../test/arbitrary.ts'
import { checkBatch } from './check-batch.ts'
import { concatBatches } from './concat.ts'
import { createColumnBuilder } from './create-builder.ts'
import { fromIpc, toIpc } from './ipc.ts'
import { parseExactJson } from './json-text.ts'
import { normalizeBatch } from './normalize.ts'
import { appendJson, appendText, parseText } from './parse-text.ts'
import { readColumn, rowsOf } from './read-column.ts'
import { createReblocker } from './reblock.ts'
import { sliceBatch } from './slice.ts'
import { takeValues } from './take.ts'
import { toArrow } from './to-arrow.ts'
import { parseType, typeToString } from './type-text.ts'

function build(type: DataType, values: readonly unknown[]) {
  const builder = createColumnBuilder(type, 1)
  for (const value of values) builder.append(value)
  return builder.finish()
}

function valuesOf(column: ReturnType<typeof build>): unknown[] {
  const reader = readColumn(column)
  return Array.from({ length: column.length }, (_, i) => reader.value(i))
}

describe('values', () => {
  it('come back as they were appended', () => {
    fc.assert(
      fc.property(typedValues, ({ type, values }) => {
        const column = build(type, values)
        expect(valuesOf(column)).toEqual(values)
        checkBatch({
          schema: { fields: [{ name: 'a', type, nullable: true }] },
          rows: column.length,
          columns: [column],
        })
      }),
      { numRuns: 600 },
    )
  })

  it('come back from their text and from their JSON', () => {
    fc.assert(
      fc.property(typedValues, ({ type, values }) => {
        const reader = readColumn(build(type, values))
        const fromText = createColumnBuilder(type)
        const fromJson = createColumnBuilder(type)
        for (const [i, value] of values.entries()) {
          const text = reader.text(i)
          if (text === null) fromText.appendNull()
          else {
            appendText(fromText, text)
            expect(parseText(type, text)).toEqual(value)
          }
          appendJson(fromJson, parseExactJson(reader.json(i)))
        }
        expect(valuesOf(fromText.finish())).toEqual(values)
        expect(valuesOf(fromJson.finish())).toEqual(values)
      }),
      { numRuns: 600 },
    )
  })

  it('are untouched by what was appended and truncated after them', () => {
    fc.assert(
      fc.property(typedValues, fc.nat(), ({ type, values }, cut) => {
        const at = values.length === 0 ? 0 : cut % values.length
        const builder = createColumnBuilder(type, 1)
        for (const value of values) builder.append(value)
        builder.truncate(at)
        for (const value of values.slice(at)) builder.append(value)
        expect(builder.finish()).toEqual(build(type, values))
      }),
    )
  })

  it('are taken by index, with -1 as null', () => {
    fc.assert(
      fc.property(typedValues, fc.array(fc.nat(), { maxLength: 30 }), ({ type, values }, picks) => {
        const indices = Int32Array.from(picks, (pick) => (pick % (values.length + 1)) - 1)
        const taken = takeValues(build(type, values), indices)
        expect(valuesOf(taken)).toEqual(Array.from(indices, (i) => (i < 0 ? null : values[i])))
      }),
    )
  })
})

describe('types', () => {
  it('come back from their text', () => {
    fc.assert(
      fc.property(anyType, (type) => {
        expect(parseType(typeToString(type))).toEqual(type)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('batches', () => {
  const pieces = (batch: Batch, cuts: readonly number[]): Batch[] =>
    cuts.slice(1).map((end, i) => sliceBatch(batch, cuts[i], end))

  it('are the same after cutting and joining', () => {
    fc.assert(
      fc.property(
        anyBatch.chain((batch) => fc.tuple(fc.constant(batch), cutsOf(batch.rows))),
        ([batch, cuts]) => {
          const parts = pieces(batch, cuts)
          for (const part of parts) checkBatch(part)
          expect(parts.flatMap((part) => [...rowsOf(part)])).toEqual([...rowsOf(batch)])
          expect(concatBatches(parts)).toEqual(sliceBatch(batch))
        },
      ),
      { numRuns: 300 },
    )
  })

  it('give the same blocks byte for byte however they were chunked', () => {
    fc.assert(
      fc.property(
        anyBatch.chain((batch) =>
          fc.tuple(fc.constant(batch), cutsOf(batch.rows), fc.integer({ min: 1, max: 20 })),
        ),
        ([batch, cuts, blockRows]) => {
          const block = (chunks: readonly Batch[]): Batch[] => {
            const reblocker = createReblocker(batch.schema, blockRows)
            const blocks = chunks.flatMap((chunk) => reblocker.push(chunk))
            const last = reblocker.flush()
            return last === undefined ? blocks : [...blocks, last]
          }
          const whole = block([batch])
          expect(block(pieces(batch, cuts))).toEqual(whole)
          expect(whole.slice(0, -1).every((one) => one.rows === blockRows)).toBe(true)
          expect(whole.flatMap((one) => [...rowsOf(one)])).toEqual([...rowsOf(batch)])
          for (const one of whole) expectCanonical(one)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('come back from apache-arrow, whole or sliced by it', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyBatch.chain((batch) => fc.tuple(fc.constant(batch), fc.nat({ max: batch.rows }), fc.nat())),
        async ([batch, start, more]) => {
          const end = Math.min(batch.rows, start + (more % 30))
          const arrow = await toArrow(batch)
          const back = await normalizeBatch(arrow)
          expect(back.schema).toEqual(batch.schema)
          expect([...rowsOf(back)]).toEqual([...rowsOf(batch)])
          const sliced = await normalizeBatch(arrow.slice(start, end))
          expect([...rowsOf(sliced)]).toEqual([...rowsOf(batch)].slice(start, end))
        },
      ),
      { numRuns: 300 },
    )
  })

  it('come back from Arrow IPC', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyBatch.chain((batch) => fc.tuple(fc.constant(batch), cutsOf(batch.rows))),
        async ([batch, cuts]) => {
          const bytes = await toIpc(pieces(batch, cuts))
          const back = await normalizeBatch(bytes)
          expect(back.schema).toEqual(batch.schema)
          expect([...rowsOf(back)]).toEqual([...rowsOf(batch)])
          expect((await fromIpc(bytes)).reduce((sum, one) => sum + one.rows, 0)).toBe(batch.rows)
        },
      ),
      { numRuns: 300 },
    )
  })
})

/** Buffers as long as needed, padding bits zero, validity only where something is null. */
function expectCanonical(batch: Batch): void {
  const visit = (column: Batch['columns'][number]): void => {
    const { validity, length } = column
    if (column.type.kind !== 'null') expect(validity === null).toBe(column.nullCount === 0)
    for (const bits of [validity, column.type.kind === 'bool' ? column.values : null]) {
      if (bits === null) continue
      expect(bits.length).toBe((length + 7) >> 3)
      if (length % 8 !== 0) expect((bits.at(-1) ?? 0) >> (length % 8)).toBe(0)
    }
    if (column.offsets !== null) expect(column.offsets.length).toBe(length + 1)
    column.children.forEach(visit)
  }
  batch.columns.forEach(visit)
}
