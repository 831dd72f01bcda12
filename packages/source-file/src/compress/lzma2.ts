import { fileFault } from '../errors.ts'
import { LzmaDecoder, readProperties, SYMBOL_BYTES } from './lzma.ts'
import { takeAll, type Window } from './window.ts'

/** A chunk has 64 KiB of input and 2 MiB of output, at most. */
const INPUT_BYTES = 1 << 16

/** The chunks of one LZMA2 stream, up to its end mark. Described in liblzma's lzma2_decoder.c and xz-embedded. */
export async function* unpackLzma2(
  window: Window,
  dictionary: number,
): AsyncGenerator<Uint8Array, void, void> {
  const decoder = new LzmaDecoder(dictionary)
  const input = new Uint8Array(INPUT_BYTES + SYMBOL_BYTES)
  let needsDictionary = true
  let needsProperties = true
  let needsState = true
  while (true) {
    const control = (await takeAll(window, 1, 'xz'))[0] as number
    if (control === 0) return
    if (control === 1 || control >= 0xe0) {
      decoder.resetDictionary()
      needsDictionary = false
      if (control === 1) needsProperties = true
    } else if (needsDictionary) throw damaged()
    if (control < 0x80) {
      if (control > 2) throw damaged()
      const size = readU16(await takeAll(window, 2, 'xz')) + 1
      const bytes = await takeAll(window, size, 'xz')
      decoder.slide(size)
      decoder.copy(bytes)
      yield bytes
      continue
    }
    const header = await takeAll(window, 4, 'xz')
    const outputSize = ((control & 0x1f) << 16) + readU16(header) + 1
    const inputSize = readU16(header.subarray(2)) + 1
    if (control >= 0xc0) {
      const properties = readProperties((await takeAll(window, 1, 'xz'))[0] as number)
      if (!properties || properties.lc + properties.lp > 4) throw damaged()
      decoder.resetState(properties)
      needsProperties = needsState = false
    } else if (needsProperties) throw damaged()
    else if (control >= 0xa0) {
      decoder.resetState()
      needsState = false
    } else if (needsState) throw damaged()
    if (inputSize < 5) throw damaged()
    input.set(await takeAll(window, inputSize, 'xz'))
    input.fill(0, inputSize, inputSize + SYMBOL_BYTES)
    decoder.feed(input)
    decoder.slide(outputSize)
    const start = decoder.position
    if (!decoder.startRange()) throw damaged()
    const pause = decoder.decode(start + outputSize, inputSize)
    const isWhole = pause === 'output' && !decoder.isInMatch && decoder.isFinished
    if (!isWhole || decoder.used !== inputSize) throw damaged()
    yield decoder.window.slice(start, decoder.position)
  }
}

function readU16(bytes: Uint8Array): number {
  return ((bytes[0] as number) << 8) | (bytes[1] as number)
}

function damaged(): Error {
  return fileFault('file.corrupt', 'The xz data is damaged.')
}
