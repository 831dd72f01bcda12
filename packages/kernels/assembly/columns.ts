import { ESCAPED, escapeByte, escapedLength, NULL, POSITION, QUOTED, quoteByte } from './csv'
import { instant, isFast, isFraction, isInteger, isSlow, kindOf, numberKind, scale, stampKind } from './kinds'

// A column of the field table: `t` points at its first field, the next is `stride` bytes on, `n` in all;
// positions are relative to `p`. `validity` gets bit `bit + i` where field i is not null. Typed columns
// return the first field that is not of the type, or -1.

/** Fields that are null, rows that wait for a comparison: of the column that was read last. */
let nulls: u32 = 0
let slows: u32 = 0

export function nullCount(): u32 {
  return nulls
}

export function slowCount(): u32 {
  return slows
}

function begin(validity: usize, bit: u32, n: u32): void {
  nulls = 0
  slows = 0
  memory.fill(validity, 0, (bit + n + 7) >> 3)
}

function setBit(bits: usize, i: u32): void {
  const at = bits + (i >> 3)
  store<u8>(at, load<u8>(at) | ((<u8>1) << (<u8>(i & 7))))
}

/** Copies a quoted field, two quotes becoming one; returns the end of the copy, past which it writes too. */
function collapse(from: usize, to: usize, out: usize, quote: v128): usize {
  while (from < to) {
    const bytes = v128.load(from)
    v128.store(out, bytes)
    const mask = <u32>i8x16.bitmask(i8x16.eq(bytes, quote))
    const left = <u32>(to - from)
    const first: u32 = mask === 0 ? 16 : <u32>ctz(mask)
    if (first >= left) return out + left
    if (first === 16) {
      from += 16
      out += 16
    } else {
      from += first + 2
      out += first + 1
    }
  }
  return out
}

/** {@link collapse} for a dialect with an escape, which goes too; of an unquoted field nothing but the escapes. */
function copyEscaped(from: usize, to: usize, out: usize, isQuoted: u32): usize {
  while (from < to) {
    const byte = <u32>load<u8>(from)
    const left = <u32>(to - from) - 1
    let copied: u32 = 1
    if (byte === escapeByte) {
      if (isQuoted === 0) {
        const escaped = escapedLength(from + 1, left)
        if (escaped !== 0) {
          from++
          copied = escaped
        }
      } else if (left !== 0) {
        const next = <u32>load<u8>(from, 1)
        if (next === quoteByte || next === escapeByte) from++
      }
    } else if (isQuoted !== 0 && byte === quoteByte && left !== 0 && <u32>load<u8>(from, 1) === quoteByte)
      from++
    for (let i: u32 = 0; i < copied; i++) store<u8>(out++, load<u8>(from++))
  }
  return out
}

/** Sets the bits of fields that are not null; where none is, whole bytes at once. */
function markPresent(t: usize, stride: u32, n: u32, validity: usize, bit: u32): void {
  if (nulls !== 0) {
    for (let i: u32 = 0; i < n; i++, t += stride) {
      if ((load<u32>(t, 4) & NULL) === 0) setBit(validity, bit + i)
    }
    return
  }
  let i = bit
  const end = bit + n
  while (i < end && (i & 7) !== 0) setBit(validity, i++)
  memory.fill(validity + (i >> 3), 0xff, (end - i) >> 3)
  i += (end - i) & ~7
  while (i < end) setBit(validity, i++)
}

/** Bytes to `out`, the end of each (plus `base`) to `ends`. Returns the bytes written. */
export function text(
  p: usize,
  t: usize,
  stride: u32,
  n: u32,
  quote: u8,
  out: usize,
  base: u32,
  ends: usize,
  validity: usize,
  bit: u32,
): u32 {
  begin(validity, bit, n)
  let o = out
  const q = i8x16.splat(quote)
  const first = t
  for (let i: u32 = 0; i < n; i++, t += stride) {
    const field = load<u64>(t)
    const flags = <u32>(field >> 32)
    let from = p + <u32>field
    const to = p + (flags & POSITION)
    if ((flags & NULL) !== 0) nulls++
    else {
      if ((flags & ESCAPED) !== 0) {
        o = escapeByte < 0 ? collapse(from, to, o, q) : copyEscaped(from, to, o, flags & QUOTED)
      } else {
        const end = o + (to - from)
        while (o < end) {
          v128.store(o, v128.load(from))
          o += 16
          from += 16
        }
        o = end
      }
    }
    store<u32>(ends + (i << 2), base + <u32>(o - out))
  }
  markPresent(first, stride, n, validity, bit)
  return <u32>(o - out)
}

/** ORs the kinds of all fields to `out` (u32, then u64 of scales at 8), the slow rows to `slow`. */
export function kinds(p: usize, t: usize, stride: u32, n: u32, out: usize, slow: usize): void {
  let all: u32 = 0
  let scales: u64 = 0
  slows = 0
  for (let i: u32 = 0; i < n; i++, t += stride) {
    const flags = load<u32>(t, 4)
    if ((flags & NULL) !== 0) continue
    if ((flags & ESCAPED) !== 0) {
      all |= 1
      continue
    }
    const kind = kindOf(p + load<u32>(t), p + (flags & POSITION))
    all |= kind
    if (isFraction(kind)) scales |= (<u64>1) << scale
    if (isSlow(kind)) store<u32>(slow + (slows++ << 2), i)
  }
  store<u32>(out, all)
  store<u64>(out, scales, 8)
}

/** Canonical 64-bit integers. */
export function int64(p: usize, t: usize, stride: u32, n: u32, out: usize, validity: usize, bit: u32): i32 {
  begin(validity, bit, n)
  const first = t
  for (let i: u32 = 0; i < n; i++, t += stride) {
    const flags = load<u32>(t, 4)
    let value: i64 = 0
    if ((flags & NULL) !== 0) nulls++
    else {
      let at = p + load<u32>(t)
      const end = p + (flags & POSITION)
      if (at === end) return i
      const negative = load<u8>(at) === 45
      if (negative) at++
      const length = <u32>(end - at)
      const start = at
      while (at < end) {
        const digit = <u32>load<u8>(at) - 48
        if (digit > 9) return i
        value = value * 10 + digit
        at++
      }
      if (length - 1 > 17 && !isInteger(numberKind(negative ? start - 1 : start, end), true)) return i
      if (load<u8>(start) === 48 && (length !== 1 || negative)) return i
      if (negative) value = -value
    }
    store<i64>(out + (i << 3), value)
  }
  markPresent(first, stride, n, validity, bit)
  return -1
}

/** Decimals of exactly `digits` digits after the point, at most 38 in all, as 128-bit two's complement. */
export function decimal(
  p: usize,
  t: usize,
  stride: u32,
  n: u32,
  out: usize,
  validity: usize,
  bit: u32,
  digits: u32,
): i32 {
  begin(validity, bit, n)
  const first = t
  for (let i: u32 = 0; i < n; i++, t += stride) {
    const flags = load<u32>(t, 4)
    let low: u64 = 0
    let high: u64 = 0
    if ((flags & NULL) !== 0) nulls++
    else {
      let at = p + load<u32>(t)
      const end = p + (flags & POSITION)
      if (at === end) return i
      const kind = numberKind(at, end)
      if (digits === 0 ? !isInteger(kind, false) : !(isFraction(kind) && scale === digits)) return i
      const negative = load<u8>(at) === 45
      if (negative) at++
      for (; at < end; at++) {
        const byte = load<u8>(at)
        if (byte === 46) continue
        if ((high | (low >> 60)) === 0) low = low * 10 + (byte - 48)
        else {
          // 128 by 4 bits, in halves of the low word.
          const a = (low & 0xffffffff) * 10 + (byte - 48)
          const b = (low >> 32) * 10 + (a >> 32)
          low = (b << 32) | (a & 0xffffffff)
          high = high * 10 + (b >> 32)
        }
      }
      if (negative) {
        low = ~low + 1
        high = ~high + (low === 0 ? 1 : 0)
      }
    }
    store<u64>(out + (i << 4), low)
    store<u64>(out + (i << 4), high, 8)
  }
  markPresent(first, stride, n, validity, bit)
  return -1
}

// Powers of ten that a double holds exactly.
const POWERS = memory.data<f64>([
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
  1e20, 1e21, 1e22,
])

/** Doubles that print the same text. Rows with over 15 digits or an exponent are listed at `slow`. */
export function float64(
  p: usize,
  t: usize,
  stride: u32,
  n: u32,
  out: usize,
  validity: usize,
  bit: u32,
  slow: usize,
): i32 {
  begin(validity, bit, n)
  const first = t
  for (let i: u32 = 0; i < n; i++, t += stride) {
    const flags = load<u32>(t, 4)
    let value: f64 = 0
    if ((flags & NULL) !== 0) nulls++
    else {
      let at = p + load<u32>(t)
      const end = p + (flags & POSITION)
      if (at === end) return i
      const kind = numberKind(at, end)
      if (isSlow(kind)) store<u32>(slow + (slows++ << 2), i)
      else if (isFast(kind)) {
        // Up to 15 digits and a power of ten are both exact, so one division rounds correctly.
        const negative = load<u8>(at) === 45
        if (negative) at++
        let digits: u64 = 0
        for (; at < end; at++) {
          const byte = load<u8>(at)
          if (byte !== 46) digits = digits * 10 + (byte - 48)
        }
        value = <f64>digits / load<f64>(POWERS + (scale << 3))
        if (negative) value = -value
      } else return i
    }
    store<f64>(out + (i << 3), value)
  }
  markPresent(first, stride, n, validity, bit)
  return -1
}

/** Dates (kind DATE, i32 days) or timestamps (a STAMP kind, i64). */
export function time(
  p: usize,
  t: usize,
  stride: u32,
  n: u32,
  out: usize,
  validity: usize,
  bit: u32,
  kind: u32,
): i32 {
  begin(validity, bit, n)
  const first = t
  const shift: u32 = kind === 1 << 8 ? 2 : 3
  for (let i: u32 = 0; i < n; i++, t += stride) {
    const flags = load<u32>(t, 4)
    let value: i64 = 0
    if ((flags & NULL) !== 0) nulls++
    else {
      const at = p + load<u32>(t)
      const end = p + (flags & POSITION)
      if (end - at < 10 || stampKind(at, end) !== kind) return i
      value = instant
    }
    if (shift === 2) store<i32>(out + (i << 2), <i32>value)
    else store<i64>(out + (i << 3), value)
  }
  markPresent(first, stride, n, validity, bit)
  return -1
}

/** Booleans of one spelling (a BOOL kind), as bits from `bit` on. */
export function bool(
  p: usize,
  t: usize,
  stride: u32,
  n: u32,
  out: usize,
  validity: usize,
  bit: u32,
  kind: u32,
): i32 {
  begin(validity, bit, n)
  const first = t
  memory.fill(out, 0, (bit + n + 7) >> 3)
  for (let i: u32 = 0; i < n; i++, t += stride) {
    const flags = load<u32>(t, 4)
    if ((flags & NULL) !== 0) {
      nulls++
      continue
    }
    const at = p + load<u32>(t)
    const end = p + (flags & POSITION)
    if (kindOf(at, end) !== kind) return i
    if (end - at === 4) setBit(out, bit + i)
  }
  markPresent(first, stride, n, validity, bit)
  return -1
}
