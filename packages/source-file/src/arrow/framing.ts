import type { Window } from '../compress/window.ts'
import { corrupt } from './errors.ts'
import { readFlatRoot } from './flatbuffer.ts'
import { HEADER, parseMessage, truncated } from './message.ts'
import { type IpcField, readSchema } from './schema.ts'

/** `ARROW1` and two bytes of padding; https://arrow.apache.org/docs/format/Columnar.html#ipc-file-format */
export const FILE_MAGIC_BYTES = 8
const MAGIC = 'ARROW1'
const MAX_FOOTER_BYTES = 256 * 1024 * 1024

/** True for the file format, which is Feather v2 too; else it is a stream. */
export function isArrowFile(head: Uint8Array): boolean {
  return textAt(head, 0, 6) === MAGIC
}

/** Feather v1 is another format, of 2016. */
export function isFeatherV1(head: Uint8Array): boolean {
  return textAt(head, 0, 4) === 'FEA1'
}

/** The schema at the start; undefined where the bytes are none, or end in the middle of it. */
export function peekSchema(head: Uint8Array): readonly IpcField[] | undefined {
  let at = isArrowFile(head) ? FILE_MAGIC_BYTES : 0
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  if (at + 8 > head.length) return undefined
  if (view.getUint32(at, true) === 0xffffffff) at += 4
  const length = view.getUint32(at, true)
  if (length === 0 || at + 4 + length > head.length) return undefined
  const message = parseMessage(head.subarray(at + 4, at + 4 + length))
  return message.kind === HEADER.schema ? readSchema(message.header) : undefined
}

/**
 * What follows the batches of a file: Footer (3 recordBatches), its length, the magic number. They were read one after
 * the other, so it only proves that the file is whole.
 */
export async function checkFooter(window: Window, batches: number): Promise<void> {
  const end = await window.take(MAX_FOOTER_BYTES)
  if (end.length < 10 || textAt(end, end.length - 6, end.length) !== MAGIC) throw truncated()
  const length = new DataView(end.buffer, end.byteOffset).getUint32(end.length - 10, true)
  if (length > end.length - 10) throw corrupt('its footer is longer than what follows the data')
  const footer = readFlatRoot(end.subarray(end.length - 10 - length, end.length - 10))
  if (footer.structs(3, 24).count !== batches)
    throw corrupt('it has not the record batches that its footer counts')
}

function textAt(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.subarray(from, to)).toString('latin1')
}
