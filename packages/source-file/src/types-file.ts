import type { Context } from '@omni/spec'
import { csvFault } from './csv/errors.ts'
import type { FileOptions } from './options.ts'

/** A schema of types is a page, not a table. */
const MAX_BYTES = 1024 * 1024

/** The options with the schema of types itself where they name its file, for a format reads no other file. */
export async function withTypes(options: FileOptions, ctx: Context): Promise<FileOptions> {
  const { types } = options
  if (types === 'infer' || types === 'exact' || types === 'text' || types.trimStart().startsWith('{'))
    return options
  const parts: Uint8Array[] = []
  let size = 0
  for await (const piece of ctx.storage(types).stream({ end: MAX_BYTES + 1, signal: ctx.signal })) {
    parts.push(piece)
    size += piece.length
  }
  if (size > MAX_BYTES)
    throw csvFault('file.csv.types', `The schema of types has more than ${MAX_BYTES} bytes.`)
  return { ...options, types: Buffer.concat(parts).toString('utf8') }
}
