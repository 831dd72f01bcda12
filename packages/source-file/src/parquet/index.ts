import { fileFault } from '../errors.ts'
import type { Format, FormatInput } from '../format.ts'
import { readFooter } from './footer.ts'
import { selectParts } from './selection.ts'

/** Apache Parquet; https://parquet.apache.org/docs/file-format/ */
export const parquet: Format = {
  access: 'random',
  async describe(input, options) {
    const { object, size } = randomAccess(input)
    const footer = await readFooter(object, size)
    const { groups, rows, leaves } = selectParts(footer, options)
    const notes = [`${footer.rowGroups.length} row groups, ${footer.rows} rows`]
    if (groups.length < footer.rowGroups.length) notes.push(`read of them: ${groups.length}, ${rows} rows`)
    if (leaves.length < footer.leaves.length)
      notes.push(`columns: ${leaves.length} of ${footer.leaves.length}`)
    return { notes, rows }
  },
  async *decode(input, options, request) {
    const { object, size } = randomAccess(input)
    // Loaded only now: Arrow takes its time to start.
    const { decodeParquet } = await import('./decode.ts')
    yield* decodeParquet(object, size, options, request)
  },
}

function randomAccess({ object, size }: FormatInput): {
  readonly object: NonNullable<FormatInput['object']>
  readonly size: number
} {
  if (!object || size === null) {
    throw fileFault('file.parquet.archived', 'The Parquet file is packed, so its end cannot be read.')
  }
  return { object, size }
}
