import { crc32, deflateRawSync } from 'node:zlib'

/** One entry of an archive that no tool would write; what is left out is right. */
export interface RawEntry {
  readonly name: string | Uint8Array
  readonly data?: Uint8Array
  readonly packed?: Uint8Array
  readonly method?: number
  readonly flags?: number
  readonly crc?: number
  readonly size?: number
  readonly packedSize?: number
  readonly extra?: Uint8Array
  readonly attributes?: number
  /** Where the local header is said to be. */
  readonly offset?: number
  /** Writes no local header and no data. */
  readonly isOnlyListed?: boolean
}

interface RawArchive {
  readonly comment?: Uint8Array
  readonly count?: number
  readonly zip64?: boolean
}

/** A zip archive from its parts. */
export function rawZip(entries: readonly RawEntry[], archive: RawArchive = {}): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let at = 0
  for (const entry of entries) {
    const { method = 8, flags = 0x800, extra = Buffer.alloc(0), attributes = 0 } = entry
    const data = Buffer.from(entry.data ?? Buffer.alloc(0))
    const packed = Buffer.from(entry.packed ?? (method === 8 ? deflateRawSync(data) : data))
    const name = Buffer.from(entry.name)
    const facts = Buffer.alloc(26)
    facts.writeUInt16LE(20, 0)
    facts.writeUInt16LE(flags, 2)
    facts.writeUInt16LE(method, 4)
    facts.writeUInt32LE(entry.crc ?? crc32(data), 10)
    facts.writeUInt32LE(entry.packedSize ?? packed.length, 14)
    facts.writeUInt32LE(entry.size ?? data.length, 18)
    facts.writeUInt16LE(name.length, 22)
    const central = Buffer.from(facts)
    central.writeUInt16LE(extra.length, 24)
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE(attributes, 6)
    rest.writeUInt32LE(entry.offset ?? at, 10)
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x03', 'latin1'), central, rest, name, extra]))
    if (entry.isOnlyListed) continue
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), facts, name, packed])
    parts.push(local)
    at += local.length
  }
  const central = Buffer.concat(directory)
  const { comment = Buffer.alloc(0), count = entries.length, zip64 = false } = archive
  const tail: Buffer[] = []
  if (zip64) {
    const record = Buffer.alloc(56)
    record.write('PK\x06\x06', 'latin1')
    record.writeBigUInt64LE(44n, 4)
    record.writeBigUInt64LE(BigInt(count), 24)
    record.writeBigUInt64LE(BigInt(count), 32)
    record.writeBigUInt64LE(BigInt(central.length), 40)
    record.writeBigUInt64LE(BigInt(at), 48)
    const locator = Buffer.alloc(20)
    locator.write('PK\x06\x07', 'latin1')
    locator.writeBigUInt64LE(BigInt(at + central.length), 8)
    locator.writeUInt32LE(1, 16)
    tail.push(record, locator)
  }
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(zip64 ? 0xffff : count & 0xffff, 8)
  end.writeUInt16LE(zip64 ? 0xffff : count & 0xffff, 10)
  end.writeUInt32LE(zip64 ? 0xffffffff : central.length, 12)
  end.writeUInt32LE(zip64 ? 0xffffffff : at, 16)
  end.writeUInt16LE(comment.length, 20)
  return Buffer.concat([...parts, central, ...tail, end, comment])
}

/** Archives inside each other, the innermost holding `bytes` zeros: each layer a thousandth of the one in it. */
export function nestedBomb(layers: number, bytes: number): Buffer {
  let content: Buffer = Buffer.alloc(bytes)
  for (let i = 0; i < layers; i++) content = rawZip([{ name: i === 0 ? 'a.csv' : 'a.zip', data: content }])
  return content
}

/** Every entry is the same kernel of compressed zeros, as in the bomb of Fifield in its simplest form. */
export function overlappingBomb(entries: number): Buffer {
  const kernel = Buffer.alloc(1 << 20)
  const facts = { packed: deflateRawSync(kernel), crc: crc32(kernel), size: kernel.length }
  const rest = Array.from({ length: entries }, (_, i) => ({
    name: `${i}.csv`,
    ...facts,
    offset: 0,
    isOnlyListed: i > 0,
  }))
  return rawZip(rest)
}
