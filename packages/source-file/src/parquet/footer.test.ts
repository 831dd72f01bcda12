import { isFault } from '@omni/spec'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseFooter, rewriteFooter } from './footer.ts'
import { checkPages } from './pages.ts'
import { createThriftReader } from './thrift.ts'
import { limitMemory } from './wasm-memory.ts'

// Node has it, its types do not.
const wasm = globalThis as unknown as { WebAssembly: { instantiate(bytes: Uint8Array): Promise<unknown> } }

/** FileMetaData of one INT96 column `a`, one row group with one chunk at byte 4, and a count of rows that is zero. */
function metadata(): Buffer {
  const schema = ['48', '0172', '15', '02', '00'].join('') // 4 name "r", 5 num_children 1, stop
  const leaf = ['15', '06', '25', '02', '18', '0161', '00'].join('') // 1 type INT96, 3 repetition, 4 name "a"
  const column = ['15', '06', '66', '14', '26', '08', '00'].join('') // 1 type, 7 size 10, 9 offset 4
  const chunk = ['3c', column, '00'].join('') // 3 meta_data
  const group = ['19', '1c', chunk, '16', '14', '16', '06', '00'].join('') // 1 columns, 2 bytes 10, 3 rows 3
  const text = ['15', '02', '19', '2c', schema, leaf, '16', '00', '19', '1c', group, '00'].join('')
  return Buffer.from(text, 'hex')
}

describe('parseFooter', () => {
  it('finds columns and row groups, and presents INT96 as 12 bytes and the right count of rows', () => {
    const footer = parseFooter(metadata(), 100)
    expect(footer).toMatchObject({
      rows: 3,
      leaves: [{ path: 'a', kind: 'int96' }],
      rowGroups: [{ rows: 3, totalBytes: 10, chunks: [{ start: 4, bytes: 10 }] }],
    })
    const rewritten = rewriteFooter(footer)
    expect(Buffer.from(rewritten.subarray(-4)).toString()).toBe('PAR1')
    const again = parseFooter(rewritten.subarray(0, -8), 100)
    expect(again).toMatchObject({ rows: 3, leaves: [{ path: 'a', kind: 'plain' }], edits: [] })
    expect(Buffer.from(rewritten).toString('hex')).toContain('150e15181502180161')
  })

  it('refuses damage with a fault, whatever the bytes', () => {
    const base = metadata()
    fc.assert(
      fc.property(
        fc.nat(base.length - 1),
        fc.integer({ min: 0, max: 255 }),
        fc.nat(base.length),
        (at, byte, cut) => {
          const bytes = Buffer.from(base.subarray(0, cut === 0 ? base.length : cut))
          if (at < bytes.length) bytes[at] = byte
          try {
            parseFooter(bytes, 100)
          } catch (error) {
            expect(isFault(error)).toBe(true)
          }
        },
      ),
      { numRuns: 3000 },
    )
  })

  it('refuses lists longer than the bytes, and structures without end', () => {
    const long = Buffer.from('29fcffffffff0f', 'hex')
    expect(() => parseFooter(long, 100)).toThrow(/damaged/)
    const deep = Buffer.alloc(10_000, 0x1c)
    expect(() => createThriftReader(deep).struct(() => false)).toThrow(/damaged/)
  })
})

describe('checkPages', () => {
  it('refuses pages that go beyond their column', () => {
    const page = Buffer.from('150015c80115c80100', 'hex') // type, 100 bytes unpacked, 100 packed
    expect(() => checkPages(page, 0)).toThrow(/beyond its column/)
    expect(() => checkPages(Buffer.concat([page, Buffer.alloc(100)]), 0)).not.toThrow()
    expect(() => checkPages(Buffer.from('1c', 'hex'), 6)).toThrow(/column 7/)
  })
})

describe('limitMemory', () => {
  it('gives a module a bound that it cannot grow past', async () => {
    // (module (memory (export "m") 1))
    const module = Buffer.from('0061736d010000000503010001070501016d0200', 'hex')
    const { instance } = (await wasm.WebAssembly.instantiate(limitMemory(module))) as {
      instance: { exports: { m: { grow(pages: number): number } } }
    }
    expect(() => instance.exports.m.grow(32_768)).toThrow(RangeError)
    expect(instance.exports.m.grow(1)).toBe(1)
  })
})
