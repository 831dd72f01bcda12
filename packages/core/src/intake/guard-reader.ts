import type { Reader, Source } from '@omni/spec'
import { sourceFault } from '../faults/classify.ts'
import type { Redactor } from '../redact/redactor.ts'

/** The reader, from which only classified errors without secrets escape. */
export function guardReader(reader: Reader, source: Source, redactor: Redactor): Reader {
  const guard = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work()
    } catch (error) {
      throw sourceFault(error, source, redactor)
    }
  }
  return {
    discover: () => guard(async () => reader.discover()),
    async *read(stream, from, request) {
      try {
        yield* reader.read(stream, from, request)
      } catch (error) {
        throw sourceFault(error, source, redactor)
      }
    },
    ...(reader.check && { check: () => guard(async () => reader.check!()) }),
    ...(reader.splits && { splits: (stream) => guard(async () => reader.splits!(stream)) }),
    ...(reader.ack && {
      ack: (stream, position, split) => guard(async () => reader.ack!(stream, position, split)),
    }),
    ...(reader.close && { close: () => guard(async () => reader.close!()) }),
  }
}
