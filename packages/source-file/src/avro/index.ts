import type { Format, FormatFacts, FormatInput } from '../format.ts'
import { codecOf } from './codec.ts'
import { parseHeader } from './header.ts'
import { parseSchema } from './schema.ts'

/** Avro object container files; https://avro.apache.org/docs/1.12.0/specification/#object-container-files */
export const avro: Format = {
  access: 'stream',
  describe: (input) => describe(input),
  async *decode(input, _options, request) {
    // Loaded only now: Arrow takes its time to start.
    const { decodeAvro } = await import('./decode.ts')
    yield* decodeAvro(input, request)
  },
}

function describe({ head }: FormatInput): FormatFacts {
  const header = parseHeader(head.bytes)
  // A schema of hundreds of kilobytes is seen when the file is read.
  if (!header) return { notes: [] }
  codecOf(header.codec)
  const type = parseSchema(header.schema)
  const columns = type.kind === 'record' ? type.fields.length : 1
  return { notes: [`columns: ${columns}`, `compression inside: ${header.codec}`] }
}
