import type { StoredObject } from '@omni/spec'
import type { Format, FormatInput } from '../format.ts'
import { orcFault } from './errors.ts'

/** Apache ORC; https://orc.apache.org/specification/ORCv1/ */
export const orc: Format = {
  name: 'orc',
  access: 'random',
  detect: ({ bytes, complete }, fileName) => {
    const magic = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    if (magic.subarray(0, 3).toString('latin1') !== 'ORC') return 0
    // Three letters may begin a text; the end of the file, or a byte that no text has, tells.
    const tail = magic.subarray(-4, -1).toString('latin1')
    return (complete && tail === 'ORC') || magic.includes(0) || /\.orc$/i.test(fileName) ? 1 : 0
  },
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
