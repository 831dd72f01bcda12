import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DataType, Schema } from '@omni/spec'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyTable, batchOf, type Plain, type PlainTable } from '../../test/columns-arbitrary.ts'
import { writeBlock } from './canonical.ts'
import {
  canonicalSize,
  combineDigests,
  createMerkleTree,
  createStreamDigest,
  hashLeaf,
  verifyInclusion,
} from './index.ts'

// A second implementation of docs/spec/digest.md, value by value and with no regard to speed.

const le32 = (n: number): Buffer => {
  const out = Buffer.alloc(4)
  out.writeUInt32LE(n)
  return out
}
const sha = (...parts: Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest()
const named = (name: string): Buffer => Buffer.concat([le32(Buffer.byteLength(name)), Buffer.from(name)])

const UNIT = ['s', 'ms', 'us', 'ns']

function tag(type: DataType): number {
  switch (type.kind) {
    case 'int':
      return (type.signed ? 0x10 : 0x18) + [8, 16, 32, 64].indexOf(type.bits)
    case 'float':
      return 0x20 + [16, 32, 64].indexOf(type.bits)
    case 'decimal':
      return type.bits === 128 ? 0x30 : 0x31
    default: {
      const tags = {
        null: 0,
        bool: 1,
        utf8: 0x40,
        binary: 0x41,
        fixed: 0x42,
        date: 0x50,
        time: 0x51,
      } as const
      const more = { timestamp: 0x52, duration: 0x53, list: 0x60, struct: 0x61, map: 0x62 } as const
      return { ...tags, ...more }[type.kind]
    }
  }
}

function describeType(type: DataType): Buffer {
  const head = Buffer.of(tag(type))
  switch (type.kind) {
    case 'decimal':
      return Buffer.concat([head, Buffer.of(type.precision, type.scale & 255)])
    case 'fixed':
      return Buffer.concat([head, le32(type.bytes)])
    case 'time':
    case 'duration':
      return Buffer.concat([head, Buffer.of(UNIT.indexOf(type.unit))])
    case 'timestamp': {
      const zone = type.zone === null ? Buffer.of(0) : Buffer.concat([Buffer.of(1), named(type.zone)])
      return Buffer.concat([head, Buffer.of(UNIT.indexOf(type.unit)), zone])
    }
    case 'list':
      return Buffer.concat([head, describeType(type.item.type)])
    case 'map':
      return Buffer.concat([head, describeType(type.key.type), describeType(type.value.type)])
    case 'struct':
      return Buffer.concat([
        head,
        le32(type.fields.length),
        ...type.fields.map((f) => member(f.name, f.type)),
      ])
    default:
      return head
  }
}

const member = (name: string, type: DataType): Buffer => Buffer.concat([named(name), describeType(type)])

function bits(flags: readonly boolean[]): Buffer {
  const out = Buffer.alloc(Math.ceil(flags.length / 8))
  flags.forEach((flag, i) => {
    if (flag) out[i >> 3] = (out[i >> 3] as number) | (1 << (i & 7))
  })
  return out
}

function width(type: DataType): number {
  if (type.kind === 'fixed') return type.bytes
  if (type.kind === 'date') return 4
  if (type.kind === 'time') return type.unit === 's' || type.unit === 'ms' ? 4 : 8
  return 'bits' in type ? type.bits / 8 : 8
}

function plainFloat(value: Uint8Array): Buffer {
  const b = Buffer.from(value)
  if (b.length === 8) return Number.isNaN(b.readDoubleLE()) ? Buffer.from('000000000000f87f', 'hex') : b
  if (b.length === 4) return Number.isNaN(b.readFloatLE()) ? Buffer.from('0000c07f', 'hex') : b
  return (b.readUInt16LE() & 0x7fff) > 0x7c00 ? Buffer.from('007e', 'hex') : b
}

function column(type: DataType, values: readonly Plain[]): Buffer {
  const head = Buffer.concat([Buffer.of(tag(type)), le32(values.length)])
  if (type.kind === 'null') return head
  const there = values.filter((value) => value !== null)
  const start = Buffer.concat([head, bits(values.map((value) => value !== null))])
  const lengths = (): Buffer[] => values.map((value) => le32(value === null ? 0 : sizeOf(value)))
  switch (type.kind) {
    case 'bool':
      return Buffer.concat([start, bits(values.map((value) => value === true))])
    case 'utf8':
    case 'binary':
      return Buffer.concat([start, ...lengths(), ...there.map((value) => Buffer.from(value as string))])
    case 'list':
      return Buffer.concat([start, ...lengths(), column(type.item.type, there.flat() as Plain[])])
    case 'map': {
      const entries = there.flat() as Plain[][]
      const keys = column(
        type.key.type,
        entries.map((entry) => entry[0] as Plain),
      )
      return Buffer.concat([
        start,
        ...lengths(),
        keys,
        column(
          type.value.type,
          entries.map((entry) => entry[1] as Plain),
        ),
      ])
    }
    case 'struct': {
      const inside = (i: number): Plain[] =>
        values.map((value) => (value === null ? null : (value as Plain[])[i]) as Plain)
      return Buffer.concat([start, ...type.fields.map((field, i) => column(field.type, inside(i)))])
    }
    case 'float':
      return Buffer.concat([
        start,
        ...values.map((v) => (v === null ? Buffer.alloc(width(type)) : plainFloat(v as Uint8Array))),
      ])
    default:
      return Buffer.concat([
        start,
        ...values.map((v) => (v === null ? Buffer.alloc(width(type)) : (v as Uint8Array))),
      ])
  }
}

function sizeOf(value: Plain): number {
  return typeof value === 'string' ? Buffer.byteLength(value) : (value as { length: number }).length
}

const schemaLeaf = (schema: Schema): Buffer =>
  Buffer.concat([
    Buffer.from('omni-sha256/1'),
    le32(schema.fields.length),
    ...schema.fields.map((f) => member(f.name, f.type)),
  ])
const blockLeaf = (table: PlainTable): Buffer =>
  Buffer.concat([
    le32(table.rows),
    ...table.schema.fields.map((f, i) => column(f.type, table.columns[i] ?? [])),
  ])

/** RFC 6962 section 2.1, as it is written there. */
function mth(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return sha()
  if (leaves.length === 1) return sha(Buffer.of(0), leaves[0] as Buffer)
  let k = 1
  while (k * 2 < leaves.length) k *= 2
  return sha(Buffer.of(1), mth(leaves.slice(0, k)), mth(leaves.slice(k)))
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

function bytesOf(table: PlainTable, dirt: boolean): Buffer {
  const parts: Buffer[] = []
  writeBlock(batchOf(table, dirt), (bytes) => parts.push(Buffer.from(bytes)))
  return Buffer.concat(parts)
}

describe('omni-sha256/1', () => {
  it('writes the bytes that the reference writes, whatever lies under nulls', () => {
    fc.assert(
      fc.property(anyTable(), fc.boolean(), (table, dirt) => {
        const bytes = bytesOf(table, dirt)
        expect(bytes.toString('hex')).toBe(hex(blockLeaf(table)))
        expect(canonicalSize(batchOf(table, dirt))).toBe(bytes.length)
      }),
      { numRuns: 500 },
    )
  })

  it('has the root of RFC 6962 over schema and blocks', () => {
    fc.assert(
      fc.property(anyTable(12), fc.nat(9), (table, blocks) => {
        const digest = createStreamDigest(table.schema)
        for (let i = 0; i < blocks; i++) digest.add(batchOf(table, i % 2 === 0))
        digest.add(batchOf({ ...table, rows: 0, columns: table.columns.map(() => []) }, false))
        // A block without rows is none.
        const leaves = Array.from({ length: table.rows === 0 ? 0 : blocks }, () => blockLeaf(table))
        expect(hex(digest.root())).toBe(hex(mth([schemaLeaf(table.schema), ...leaves])))
        expect(digest.blocks).toBe(leaves.length)
      }),
    )
  })

  it('changes with any value, name, type or order', () => {
    const of = (name: string, type: DataType, values: Plain[]): string => {
      const schema: Schema = { fields: [{ name, type, nullable: true }] }
      const digest = createStreamDigest(schema)
      digest.add(batchOf({ schema, rows: values.length, columns: [values] }, false))
      return hex(digest.root())
    }
    const utf8: DataType = { kind: 'utf8' }
    const digests = [
      of('a', utf8, ['x', 'y']),
      of('b', utf8, ['x', 'y']),
      of('a', { kind: 'binary' }, ['x', 'y']),
      of('a', utf8, ['y', 'x']),
      of('a', utf8, ['xy', '']),
      of('a', utf8, ['', 'xy']),
      of('a', utf8, [null, 'xy']),
      of('a', utf8, ['x', 'y', null]),
      of('a', { kind: 'float', bits: 64 }, [Buffer.from('0000000000000080', 'hex')]),
      of('a', { kind: 'float', bits: 64 }, [Buffer.from('0000000000000000', 'hex')]),
    ]
    expect(new Set(digests).size).toBe(digests.length)
  })

  it('is the root of the only stream, and else over names and roots in order', () => {
    const a = { name: 'a', root: sha(Buffer.of(1)) }
    const b = { name: 'bé', root: sha(Buffer.of(2)) }
    const leaf = (stream: typeof a): Buffer => Buffer.concat([named(stream.name), stream.root])
    expect(hex(combineDigests([a]))).toBe(hex(a.root))
    expect(hex(combineDigests([a, b]))).toBe(hex(mth([leaf(a), leaf(b)])))
    expect(hex(combineDigests([b, a]))).not.toBe(hex(combineDigests([a, b])))
  })

  it('agrees with the published vectors', () => {
    const file = new URL('../../test/vectors/digest.json', import.meta.url)
    const vectors = JSON.parse(readFileSync(file, 'utf8')) as readonly {
      readonly name: string
      readonly schema: Schema
      readonly blocks: readonly (readonly (readonly unknown[])[])[]
      readonly leaves: readonly string[]
      readonly root: string
    }[]
    expect(vectors.length).toBeGreaterThan(3)
    const revive = (value: unknown): Plain => {
      if (Array.isArray(value)) return value.map(revive)
      if (typeof value === 'object' && value !== null)
        return Buffer.from((value as { hex: string }).hex, 'hex')
      return value as Plain
    }
    for (const { name, schema, blocks, leaves, root } of vectors) {
      const digest = createStreamDigest(schema)
      const data = [schemaLeaf(schema)]
      for (const columns of blocks) {
        const table = {
          schema,
          rows: columns[0]?.length ?? 0,
          columns: columns.map((values) => values.map(revive)),
        }
        digest.add(batchOf(table, true))
        data.push(blockLeaf(table))
      }
      expect(data.map(hex), name).toEqual(leaves)
      expect(hex(mth(data)), name).toBe(root)
      expect(hex(digest.root()), name).toBe(root)
    }
  })
})

describe('Merkle tree', () => {
  it('proves inclusion, and nothing else', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(), fc.nat(), (size, at, wrong) => {
        const data = Array.from({ length: size }, (_, i) => Buffer.from(`leaf ${i}`))
        const tree = createMerkleTree()
        const hashes = data.map((bytes) => hashLeaf((sink) => sink(bytes)))
        for (const hash of hashes) tree.push(hash)
        const index = at % size
        const proof = pathTo(index, data)
        expect(hex(tree.root())).toBe(hex(mth(data)))
        expect(verifyInclusion(hashes[index] as Uint8Array, index, size, proof, tree.root())).toBe(true)
        const other = wrong % (size + 1)
        if (other !== index) {
          expect(verifyInclusion(hashes[index] as Uint8Array, other, size, proof, tree.root())).toBe(false)
        }
        expect(
          verifyInclusion(hashes[index] as Uint8Array, index, size, [...proof, sha()], tree.root()),
        ).toBe(false)
      }),
    )
  })
})

describe('the inclusion proofs of the transparency-dev corpus', () => {
  it('are accepted and refused as it says', (ctx) => {
    const corpora =
      process.env['OMNI_CORPORA'] ?? fileURLToPath(new URL('../../../../../shared/corpora', import.meta.url))
    const folder = join(corpora, 'merkle', 'inclusion')
    if (!existsSync(folder)) ctx.skip('needs the corpora: set OMNI_CORPORA to their folder')
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.json'),
    )
    expect(files.length).toBeGreaterThan(20)
    for (const file of files) {
      const probe = JSON.parse(readFileSync(join(folder, file), 'utf8')) as {
        readonly leafIdx: number
        readonly treeSize: number
        readonly root: string
        readonly leafHash: string
        readonly proof: readonly string[] | null
        readonly wantErr: boolean
      }
      const bytes = (text: string): Buffer => Buffer.from(text, 'base64')
      const proof = (probe.proof ?? []).map(bytes)
      const isIn = verifyInclusion(
        bytes(probe.leafHash),
        probe.leafIdx,
        probe.treeSize,
        proof,
        bytes(probe.root),
      )
      expect(isIn, file).toBe(!probe.wantErr)
    }
  })
})

/** RFC 6962 section 2.1.1. */
function pathTo(index: number, leaves: readonly Buffer[]): Buffer[] {
  if (leaves.length <= 1) return []
  let k = 1
  while (k * 2 < leaves.length) k *= 2
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)]
  return index < k ? [...pathTo(index, left), mth(right)] : [...pathTo(index - k, right), mth(left)]
}
