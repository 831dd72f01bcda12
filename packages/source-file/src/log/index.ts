import { createBatchBuilder } from '@omni/arrow'
import type { Rejected, Schema } from '@omni/spec'
import { fileFault } from '../errors.ts'
import type { Format, FormatChunk, FormatInput, FormatRequest } from '../format.ts'
import { readLines, rejectLine } from '../lines.ts'
import type { FileOptions } from '../options.ts'
import { guessPattern, valuesOf } from './detect.ts'
import { compilePattern, type LogPattern } from './pattern.ts'

const REJECTED_LINES = 1000

/** Lines of a log, of a pattern that is given or known. */
export const log: Format = {
  access: 'stream',
  describe: (input, options) => ({ notes: [`pattern: ${patternOf(input, options).name}`] }),
  decode: decodeLog,
}

function patternOf({ head }: FormatInput, options: FileOptions): LogPattern {
  const pattern =
    options.pattern === undefined ? guessPattern(head, options.encoding) : compilePattern(options.pattern)
  if (!pattern) throw fileFault('file.log.unknown', 'The lines are of no pattern that is known.')
  return pattern
}

async function* decodeLog(
  input: FormatInput,
  options: FileOptions,
  { limits, signal, limit = Number.POSITIVE_INFINITY }: FormatRequest,
): AsyncGenerator<FormatChunk, void, void> {
  const pattern = patternOf(input, options)
  const schema: Schema = {
    fields: pattern.columns.map(({ name, type }) => ({ name, type, nullable: true })),
  }
  const builder = createBatchBuilder(schema, Math.min(limits.chunkRows, 4096))
  let rejected: Rejected[] = []
  let rows = 0
  let bytes = 0
  let total = 0
  const take = (): FormatChunk => {
    const chunk: FormatChunk = { batch: builder.finish(), ...(rejected.length > 0 ? { rejected } : {}) }
    rejected = []
    rows = bytes = 0
    return chunk
  }
  for await (const lines of readLines(input.open(), input.head, options.encoding)) {
    signal.throwIfAborted()
    for (const line of lines) {
      if (line.text === '') continue
      const values = line.text === undefined ? undefined : valuesOf(pattern, line.text)
      if (values) {
        for (const [i, value] of values.entries()) builder.columns[i]?.append(value)
        rows++
        total++
        bytes += line.bytes.length
      } else {
        const why =
          line.text === undefined
            ? 'The line is not valid text, or too long.'
            : 'The line is not of the pattern.'
        rejected.push(rejectLine(line, 'file.log.line', why))
      }
      if (rows >= limits.chunkRows || bytes >= limits.chunkBytes || rejected.length >= REJECTED_LINES)
        yield take()
      if (total >= limit) break
    }
    if (total >= limit) break
  }
  yield take()
}
