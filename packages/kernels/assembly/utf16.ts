// UTF-16 as UTF-8, RFC 2781 and RFC 3629. `out` needs room for 3 bytes a unit, and 16 more.

let read: u32 = 0

/** Units that the last call read. */
export function utf16Read(): u32 {
  return read
}

function unitAt(p: usize, isBig: bool): u32 {
  const unit = <u32>load<u16>(p)
  return isBig ? ((unit & 0xff) << 8) | (unit >> 8) : unit
}

/**
 * `n` units at `p`; all but a first half of a pair that ends them is read. Returns the bytes written, or -1 where a half
 * stands alone.
 */
export function utf16ToUtf8(p: usize, n: u32, isBig: bool, out: usize): i32 {
  const beyond = i16x8.splat(<i16>0xff80)
  let o = out
  let i: u32 = 0
  while (i < n) {
    if (n - i >= 8) {
      let units = v128.load(p + ((<usize>i) << 1))
      if (isBig) units = v128.or(i16x8.shl(units, 8), i16x8.shr_u(units, 8))
      if (!v128.any_true(v128.and(units, beyond))) {
        store<u64>(o, i64x2.extract_lane(i8x16.narrow_i16x8_u(units, units), 0))
        o += 8
        i += 8
        continue
      }
    }
    // Those up to the next eight, one by one.
    const end = min(n, i + 8)
    while (i < end) {
      const unit = unitAt(p + ((<usize>i) << 1), isBig)
      if (unit < 0x80) store<u8>(o++, <u8>unit)
      else if (unit < 0x800) {
        store<u8>(o, <u8>(0xc0 | (unit >> 6)))
        store<u8>(o, <u8>(0x80 | (unit & 63)), 1)
        o += 2
      } else if (unit < 0xd800 || unit > 0xdfff) {
        store<u8>(o, <u8>(0xe0 | (unit >> 12)))
        store<u8>(o, <u8>(0x80 | ((unit >> 6) & 63)), 1)
        store<u8>(o, <u8>(0x80 | (unit & 63)), 2)
        o += 3
      } else {
        if (unit > 0xdbff) return -1
        if (i + 1 === n) {
          read = i
          return <i32>(o - out)
        }
        const low = unitAt(p + ((<usize>i) << 1) + 2, isBig)
        if (low < 0xdc00 || low > 0xdfff) return -1
        const code = 0x10000 + ((unit & 0x3ff) << 10) + (low & 0x3ff)
        store<u8>(o, <u8>(0xf0 | (code >> 18)))
        store<u8>(o, <u8>(0x80 | ((code >> 12) & 63)), 1)
        store<u8>(o, <u8>(0x80 | ((code >> 6) & 63)), 2)
        store<u8>(o, <u8>(0x80 | (code & 63)), 3)
        o += 4
        i++
      }
      i++
    }
  }
  read = i
  return <i32>(o - out)
}
