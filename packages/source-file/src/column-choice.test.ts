import { encodeRows, parseType, rowsOf, schemaOf } from '@omni/arrow'
import { describe, expect, it } from 'vitest'
import { chooseColumns, columnNodes, projectBatch, projectSchema } from './column-choice.ts'

const schema = schemaOf({
  id: parseType('int64'),
  address: parseType('struct<city: utf8, geo: struct<lat: float64, lon: float64>>'),
  'a.b': parseType('utf8'),
  a: parseType('struct<b: bool>'),
  'x,y': parseType('utf8'),
})
const nodes = columnNodes(schema.fields)
const choose = (...columns: string[]) => chooseColumns(nodes, columns)

describe('chooseColumns', () => {
  it('reads all where nothing is named', () => {
    expect(chooseColumns(nodes, undefined)).toBeUndefined()
  })

  it('keeps the order of the file, and takes a name once', () => {
    expect(choose('address', 'id', 'id')).toEqual([{ index: 0 }, { index: 1 }])
  })

  it('takes parts of a struct by path, and the whole before its parts', () => {
    expect(choose('address.geo.lon', 'address.city')).toEqual([
      { index: 1, children: [{ index: 0 }, { index: 1, children: [{ index: 1 }] }] },
    ])
    expect(choose('address.city', 'address')).toEqual([{ index: 1 }])
  })

  it('takes a name with a dot or comma before a path or list', () => {
    expect(choose('a.b')).toEqual([{ index: 2 }])
    expect(choose('x,y')).toEqual([{ index: 4 }])
    expect(choose('id, a')).toEqual([{ index: 0 }, { index: 3 }])
  })

  it('takes both of a name that is there twice', () => {
    expect(chooseColumns([{ name: 'n' }, { name: 'n' }], ['n'])).toEqual([{ index: 0 }, { index: 1 }])
  })

  it('says which column is missing, and which there are', () => {
    expect(() => choose('id.x')).toThrowError(
      expect.objectContaining({ kind: 'config', code: 'file.columns.missing' }),
    )
    expect(() => choose('nope')).toThrowError(/no column "nope"; it has "id", "address"/)
  })
})

describe('projectBatch', () => {
  it('leaves the values of the chosen columns, nulls too', async () => {
    const rows = [
      { id: 1n, address: { city: 'x', geo: { lat: 1, lon: 2 } }, 'a.b': 'p', a: { b: true }, 'x,y': null },
      { id: null, address: null, 'a.b': null, a: { b: null }, 'x,y': 'q' },
      { id: 3n, address: { city: null, geo: null }, 'a.b': 'r', a: null, 'x,y': 's' },
    ]
    const chosen = choose('address.geo.lon', 'a', 'x,y')
    const batch = projectBatch(encodeRows(rows, schema), chosen)
    expect(batch.schema).toEqual(projectSchema(schema, chosen))
    expect([...rowsOf(batch)]).toEqual([
      { address: { geo: { lon: 2 } }, a: { b: true }, 'x,y': null },
      { address: null, a: { b: null }, 'x,y': 'q' },
      { address: { geo: null }, a: null, 'x,y': 's' },
    ])
  })
})
