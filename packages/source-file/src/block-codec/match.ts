/** Matches that do not overlap and are this long are moved by the runtime. */
const LONG = 32

/** Copies `length` bytes from `distance` back to `end`; source and target may overlap, which repeats a pattern. */
export function copyMatch(out: Uint8Array, end: number, distance: number, length: number): void {
  const from = end - distance
  if (distance >= length && length >= LONG) {
    out.copyWithin(end, from, from + length)
    return
  }
  for (let i = 0; i < length; i++) out[end + i] = out[from + i] as number
}
