import type { HomeFile } from '../../home/home.ts'
import { damaged } from '../damaged.ts'
import { decodeThrift, numberAt, structAt, structsAt } from './thrift.ts'

/** A column of a row group, in bytes of the file. */
export interface ChunkPlace {
  readonly start: number
  readonly bytes: number
  readonly hasDictionary: boolean
}

/** A row group by its columns, in the order of the leaves. */
export interface RowGroupPlace {
  readonly rows: number
  readonly chunks: readonly ChunkPlace[]
}

const TAIL_BYTES = 8
const MAGIC_WORD = 0x31524150

/** Reads where the row groups lie. https://parquet.apache.org/docs/file-format/ */
export async function readFooter(file: HomeFile, leaves: number): Promise<RowGroupPlace[]> {
  const { size } = file
  if (size < TAIL_BYTES + 4) throw damaged()
  const tail = await file.read(size - TAIL_BYTES, TAIL_BYTES)
  const length = tail.readUInt32LE(0)
  if (tail.readUInt32LE(4) !== MAGIC_WORD || length > size - TAIL_BYTES - 4) throw damaged()
  const bytes = await file.read(size - TAIL_BYTES - length, length)
  const { value } = decodeThrift(bytes, 0)
  return structsAt(value, 4).map((group) => {
    const chunks = structsAt(group, 1).map((chunk) => placeOf(structAt(chunk, 3), size))
    if (chunks.length !== leaves) throw damaged()
    return { rows: numberAt(group, 3), chunks }
  })
}

function placeOf(metadata: ReadonlyMap<number, unknown>, size: number): ChunkPlace {
  const chunk = metadata as Parameters<typeof numberAt>[0]
  const dictionary = chunk.get(11)
  const start = typeof dictionary === 'number' ? dictionary : numberAt(chunk, 9)
  const bytes = numberAt(chunk, 7)
  if (start < 4 || bytes < 0 || start + bytes > size) throw damaged()
  return { start, bytes, hasDictionary: typeof dictionary === 'number' }
}
