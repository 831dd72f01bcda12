import type { Format } from '../format.ts'
import { arrowFault } from './errors.ts'
import { isArrowFile, isFeatherV1, peekSchema } from './framing.ts'

/** Apache Arrow's IPC format, as a stream or a file (Feather v2); https://arrow.apache.org/docs/format/Columnar.html */
export const arrow: Format = {
  access: 'stream',
  describe({ head: { bytes } }) {
    expectV2(bytes)
    const count = peekSchema(bytes)?.length
    const kind = isArrowFile(bytes) ? 'file (Feather v2)' : 'stream'
    return { notes: [`Arrow IPC ${kind}`, ...(count === undefined ? [] : [`${count} columns`])] }
  },
  async *decode(input, { columns }, request) {
    expectV2(input.head.bytes)
    const { decodeArrow } = await import('./decode.ts')
    yield* decodeArrow(input, columns, request)
  },
}

function expectV2(head: Uint8Array): void {
  if (isFeatherV1(head)) {
    throw arrowFault('file.arrow.feather-v1', 'The file is Feather v1, a format of 2016 that is not read.')
  }
}
