/** 64 KiB pages: two gigabytes. */
const MAX_PAGES = 32_768
const MEMORY_SECTION = 5

/**
 * The module with a bound on its memory, so that a hostile file makes the decoder fail and not the machine.
 * https://webassembly.github.io/spec/core/binary/modules.html#memory-section
 */
export function limitMemory(module: Uint8Array): Uint8Array<ArrayBuffer> {
  let at = 8
  while (at < module.length) {
    const id = module[at] as number
    const size = readLeb(module, at + 1)
    const end = size.next + size.value
    if (id === MEMORY_SECTION) {
      // One memory; its flags; its least pages. A bound that is there already is replaced.
      const least = readLeb(module, size.next + 2)
      const body = [1, 1, ...writeLeb(least.value), ...writeLeb(MAX_PAGES)]
      return Uint8Array.from(
        Buffer.concat([
          module.subarray(0, at + 1),
          Uint8Array.from([...writeLeb(body.length), ...body]),
          module.subarray(end),
        ]),
      )
    }
    at = end
  }
  return Uint8Array.from(module)
}

function readLeb(bytes: Uint8Array, at: number): { readonly value: number; readonly next: number } {
  let value = 0
  for (let i = 0; ; i++) {
    const byte = bytes[at + i] ?? 0
    value += (byte & 0x7f) * 2 ** (7 * i)
    if (byte < 0x80) return { value, next: at + i + 1 }
  }
}

function writeLeb(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80)
    rest = Math.floor(rest / 128)
  }
  return [...bytes, rest]
}
