import { crc32 } from 'node:zlib'
import { isFault } from '@omni/spec'
import { fileFault } from '../errors.ts'
import { createThriftReader, I32 } from './thrift.ts'

/** Bytes that one page may unpack to; writers aim at one megabyte. */
const MAX_PAGE_BYTES = 512 * 1024 * 1024

/**
 * Walks the pages of one column chunk and checks what the decoder does not: the checksums, where there are any,
 * and sizes that would make it ask for absurd memory. `bytes` is the whole chunk.
 */
export function checkPages(bytes: Uint8Array, column: number): void {
  let at = 0
  while (at < bytes.length) {
    const page = readHeader(bytes, at, column)
    const end = page.dataAt + page.packedBytes
    if (page.packedBytes < 0 || end > bytes.length) throw corrupt(column, 'a page goes beyond its column')
    if (page.unpackedBytes < 0) throw corrupt(column, 'the size of a page is negative')
    if (page.unpackedBytes > MAX_PAGE_BYTES) {
      throw fileFault(
        'file.parquet.size',
        `A page of column ${column + 1} unpacks to ${page.unpackedBytes} bytes.`,
      )
    }
    if (page.crc !== undefined && crc32(bytes.subarray(page.dataAt, end)) !== page.crc) {
      throw corrupt(column, 'the checksum of a page is wrong')
    }
    at = end
  }
}

interface PageHeader {
  readonly dataAt: number
  readonly packedBytes: number
  readonly unpackedBytes: number
  readonly crc: number | undefined
}

/** PageHeader: 2 uncompressed_page_size, 3 compressed_page_size, 4 crc. */
function readHeader(bytes: Uint8Array, at: number, column: number): PageHeader {
  const reader = createThriftReader(bytes, at)
  let unpackedBytes = -1
  let packedBytes = -1
  let crc: number | undefined
  try {
    reader.struct((field, type) => {
      if (type !== I32 || field < 2 || field > 4) return false
      const value = Number(reader.integer())
      if (field === 2) unpackedBytes = value
      else if (field === 3) packedBytes = value
      else crc = value >>> 0
      return true
    })
  } catch (error) {
    throw isFault(error) ? corrupt(column, 'the header of a page cannot be read') : error
  }
  return { dataAt: reader.at, packedBytes, unpackedBytes, crc }
}

function corrupt(column: number, what: string): Error {
  return fileFault('file.parquet.corrupt', `The Parquet file is damaged: ${what}, in column ${column + 1}.`)
}
