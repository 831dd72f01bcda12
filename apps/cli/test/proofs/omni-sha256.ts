import { createHash } from 'node:crypto'

// The digest of docs/spec/digest.md, written a second time from that page alone, over plain values.

/** A column of one of the types that these proofs use. */
export interface PlainColumn {
  readonly name: string
  readonly type: 'bool' | 'int64' | 'float64' | 'utf8' | 'list<utf8>'
  readonly values: readonly unknown[]
}

const TAGS = { bool: [0x01], int64: [0x13], float64: [0x22], utf8: [0x40], 'list<utf8>': [0x60, 0x40] }
const BLOCK = 16_384

const u32 = (n: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(n)
  return bytes
}

const text = (value: string): Buffer => Buffer.concat([u32(Buffer.byteLength(value)), Buffer.from(value)])

function bits(values: readonly boolean[]): Buffer {
  const bytes = Buffer.alloc(Math.ceil(values.length / 8))
  for (const [i, value] of values.entries()) if (value) bytes[i >> 3]! |= 1 << (i & 7)
  return bytes
}

function column(type: PlainColumn['type'], values: readonly unknown[]): Buffer {
  const there = bits(values.map((value) => value !== null))
  return Buffer.concat([Buffer.from([TAGS[type][0]!]), u32(values.length), there, body(type, values)])
}

function body(type: PlainColumn['type'], values: readonly unknown[]): Buffer {
  if (type === 'bool') return bits(values.map((value) => value === true))
  if (type === 'int64' || type === 'float64') {
    const bytes = Buffer.alloc(values.length * 8)
    for (const [i, value] of values.entries()) {
      if (value === null) continue
      if (type === 'int64') bytes.writeBigInt64LE(BigInt(value as number), i * 8)
      else bytes.writeDoubleLE(value as number, i * 8)
    }
    return bytes
  }
  if (type === 'utf8') {
    const all = values.map((value) => Buffer.from((value as string | null) ?? ''))
    return Buffer.concat([...all.map((bytes) => u32(bytes.length)), ...all])
  }
  const lists = values as readonly (readonly string[] | null)[]
  return Buffer.concat([
    ...lists.map((list) => u32(list?.length ?? 0)),
    column(
      'utf8',
      lists.flatMap((list) => list ?? []),
    ),
  ])
}

const sha256 = (...parts: Uint8Array[]): Buffer => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** RFC 6962, section 2.1. */
function treeHash(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 1) return sha256(Buffer.from([0]), leaves[0]!)
  let half = 1
  while (half * 2 < leaves.length) half *= 2
  return sha256(Buffer.from([1]), treeHash(leaves.slice(0, half)), treeHash(leaves.slice(half)))
}

/** `omni-sha256/1` of one stream, hex. */
export function omniSha256(columns: readonly PlainColumn[]): string {
  const schema = columns.map(({ name, type }) => Buffer.concat([text(name), Buffer.from(TAGS[type])]))
  const leaves = [Buffer.concat([Buffer.from('omni-sha256/1'), u32(columns.length), ...schema])]
  const rows = columns[0]!.values.length
  for (let at = 0; at < rows; at += BLOCK) {
    const parts = columns.map(({ type, values }) => column(type, values.slice(at, at + BLOCK)))
    leaves.push(Buffer.concat([u32(Math.min(BLOCK, rows - at)), ...parts]))
  }
  return treeHash(leaves).toString('hex')
}
