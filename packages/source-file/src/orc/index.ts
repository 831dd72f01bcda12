import type { StoredObject } from '@omni/spec'
import type { Format, FormatInput } from '../format.ts'
import { orcFault } from './errors.ts'

/** Apache ORC; https://orc.apache.org/specification/ORCv1/ */
export const orc: Format = {
  access: 'random',
  async describe(input, options) {
    const { object, size } = randomAccess(input)
    const { readTail, selectStripes } = await import('./tail.ts')
    const tail = await readTail(object, size)
    const stripes = selectStripes(tail, options.stripes)
    const rows = stripes.reduce((sum, stripe) => sum + stripe.rows, 0)
    const notes = [
      `${tail.stripes.length} stripes, ${tail.rows} rows`,
      `compression inside: ${tail.codec.name}`,
    ]
    if (stripes.length < tail.stripes.length) notes.push(`read of them: ${stripes.length}, ${rows} rows`)
    return { notes, rows }
  },
  async *decode(input, options, request) {
    const { object, size } = randomAccess(input)
    // Loaded only now: Arrow takes its time to start.
    const { decodeOrc } = await import('./decode.ts')
    yield* decodeOrc(object, size, options, request)
  },
}

function randomAccess({ object, size }: FormatInput): {
  readonly object: StoredObject
  readonly size: number
} {
  if (!object || size === null) {
    throw orcFault('file.orc.packed', 'The size of the ORC file is not known, so its end cannot be read.')
  }
  return { object, size }
}
