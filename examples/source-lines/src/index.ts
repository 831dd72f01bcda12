import { type Chunk, defineSource, fault, type Position, type SourceFunction } from '@omni/spec'
import { z } from 'zod'

export interface LinesOptions {
  path: string
}

/** Lines of a UTF-8 text file, one row each; a changed file is read again from its start. */
export const lines: SourceFunction<LinesOptions, LinesOptions, { etag: string } & Position> = defineSource({
  name: 'lines',
  summary: 'Lines of a text file.',
  locator: 'path',
  options: z.object({ path: z.string().min(1).describe('The file.') }),
  position: z.object({ etag: z.string() }),
  capabilities: { replay: true, positions: true, versions: true },
  describe: ({ path }) => ({
    label: `lines:${path.split('/').at(-1)}`,
    dataset: path.split('/').at(-1) ?? 'lines',
  }),
  open: ({ path }, ctx) => ({
    discover: async () => [{ name: (await ctx.storage(path).head()).name }],
    async *read(_stream, from, { signal, limits, limit = Number.POSITIVE_INFINITY }) {
      const { etag } = await ctx.storage(path).head()
      if (from?.etag === etag) return
      let rows: { line: string }[] = []
      let given = 0
      for await (const line of textLines(ctx.storage(path).stream({ signal }))) {
        if (given + rows.length >= limit) break
        rows.push({ line })
        if (rows.length < limits.chunkRows) continue
        given += rows.length
        yield { rows } satisfies Chunk
        rows = []
      }
      yield { rows, position: { etag } }
    },
  }),
})

async function* textLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let rest = ''
  for await (const piece of bytes) {
    const parts = (rest + decode(decoder, piece)).split('\n')
    rest = parts.pop() ?? ''
    yield* parts
  }
  if (rest !== '') yield rest
}

function decode(decoder: TextDecoder, piece: Uint8Array): string {
  try {
    return decoder.decode(piece, { stream: true })
  } catch (cause) {
    const why = 'The file is not UTF-8 text.'
    throw fault({ kind: 'data', code: 'lines.utf8', why, fix: 'Convert it to UTF-8.', cause })
  }
}
