import { fileFault } from '../errors.ts'

/** Unpacks a block of a container file (Avro, ORC) that lies in memory; one of more than `maxBytes` is a fault. */
export async function unpackWhole(
  bytes: Uint8Array,
  decompress: (source: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array> {
  async function* once(): AsyncGenerator<Uint8Array, void, void> {
    yield bytes
  }
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of decompress(once())) {
    size += part.length
    if (size > maxBytes) throw fileFault('file.bomb', `A block unpacks to more than ${maxBytes} bytes.`)
    parts.push(part)
  }
  const [only] = parts
  return parts.length === 1 && only ? only : Buffer.concat(parts)
}
