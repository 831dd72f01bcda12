import {
  codeAt,
  hexAt,
  isAlnum,
  isCjkCode,
  isDigit,
  isDotCode,
  isLetter,
  isNameCode,
  type Span,
  startBefore,
  widthOf,
} from './bytes.ts'
import {
  ATOM,
  type AtSign,
  entityCode,
  entityEnd,
  entityStart,
  isDomainCode,
  isLocalCode,
  percentByte,
  startsAtSign,
  unicodeEscape,
} from './escapes.ts'

/** What kind of text a cell holds, which decides how backslashes, quotes and stray bytes are read. */
export interface TextMode {
  /** The cell is JSON: `\n` is one character, and a bare `"` ends a string. */
  readonly json: boolean
  /** The cell need not be UTF-8: bytes that are not are read as Latin-1, and a domain needs its dot. */
  readonly binary: boolean
}

/**
 * `none`: no address here. `open`: another at sign follows at once, so the next one decides for both; if it
 * is none, this one counts where `out.end` is set.
 */
export type EmailVerdict = 'none' | 'open' | 'found'

/** Words after `@` that are no host: container digests, package tags, branches. */
const NOT_HOSTS: ReadonlySet<string> = new Set(
  'sha1 sha256 sha512 md5 latest next beta alpha canary main master head rc stable media import'.split(' '),
)
/** Names before `=` that end a local part to their right: `email=joe@x.org`. */
const KEY_WORDS: ReadonlySet<string> = new Set(
  'email e-mail e_mail mail user username user_email login account to from cc bcc sender recipient owner author addr address contact replyto reply-to'.split(
    ' ',
  ),
)
/** Pairs that wrap an address though RFC 5321 would allow them inside its local part. */
const WRAPPERS: Readonly<Record<number, number>> = {
  39: 0x27,
  96: 0x60,
  42: 0x2a,
  123: 0x7d,
  124: 0x7c,
  95: 0x5f,
}

/**
 * Looks for an address around one at sign, within the cell [from, to). `floor` is where the local part may
 * begin at most. The work is bounded by the characters up to the neighbouring at signs.
 */
export function findEmail(
  b: Uint8Array,
  from: number,
  to: number,
  at: AtSign,
  floor: number,
  mode: TextMode,
  out: Span,
): EmailVerdict {
  const start = localStart(b, from, floor, at, mode)
  if (start < 0) return 'none'
  out.start = start
  const domain = domainEnd(b, to, at, mode)
  out.end = domain.end
  if (domain.open) return 'open'
  if (domain.end < 0) return 'none'
  const end = domain.end
  const wrapper = WRAPPERS[b[start]!]
  if (wrapper !== undefined && end < to && b[end] === wrapper && start + 1 < at.start) out.start++
  return from <= start ? 'found' : 'none'
}

function localStart(b: Uint8Array, cell: number, from: number, at: AtSign, mode: TextMode): number {
  let i = at.start
  let stop = false
  while (!stop) {
    i = atomsBefore(b, from, i, at, mode)
    if (i > from && b[i - 1] === 0x5c) {
      const next = escapeBefore(b, from, i, at.start, mode)
      stop = !next.more
      i = next.at
    } else stop = true
  }
  if (i === at.start) return quotedStart(b, cell, at.start, mode)
  i = trimUrl(b, from, i, at.start)
  i = trimKey(b, i, at.start)
  for (let k = i; k < at.start; k++) if (b[k] !== 0x2e) return i
  return -1
}

/** Walks left over characters of a local part, coded ones too, but not over backslashes. */
function atomsBefore(b: Uint8Array, from: number, end: number, at: AtSign, mode: TextMode): number {
  let i = end
  while (i > from) {
    const c = b[i - 1]!
    if (c >= 0x80) {
      const s = startBefore(b, from, i)
      if (s >= 0) {
        if (!isNameCode(codeAt(b, s, i))) return i
        i = s
      } else if (mode.binary && c >= 0xc0) i--
      else return i
    } else if (ATOM[c] === 1) {
      // Inside a URL a coded space or slash ends the local part as a plain one would.
      if (at.percent && i - 3 >= from && b[i - 3] === 0x25) {
        const coded = percentByte(b, i - 3, i)
        if (
          coded >= 0 &&
          coded < 0x80 &&
          (ATOM[coded] !== 1 || coded === 0x2f || coded === 0x3d || coded === 0x26)
        )
          return i
      }
      i--
    } else if (c === 0x3b) {
      const s = entityStart(b, from, i)
      if (s < 0) return i
      const code = entityCode(b, s, i)
      if (code < 0 || !isLocalCode(code)) return i
      i = s
    } else return i
  }
  return i
}

/** Reads the escape whose backslashes end at `i`; `more` when it is a letter and the walk goes on. */
function escapeBefore(
  b: Uint8Array,
  from: number,
  i: number,
  end: number,
  mode: TextMode,
): { readonly at: number; readonly more: boolean } {
  let first = i
  while (first > from && b[first - 1] === 0x5c) first--
  const code = unicodeEscape(b, i, end)
  if (code >= 0) return isLocalCode(code) ? { at: first, more: true } : { at: i + 5, more: false }
  if (b[i] === 0x78) {
    const byte = hexAt(b, i + 1, end, 2)
    if (byte >= 0)
      return isLocalCode(byte) || byte >= 0x80 ? { at: first, more: true } : { at: i + 3, more: false }
  }
  if (i >= end || !isSimpleEscape(b[i]!)) return { at: i, more: false }
  const odd = ((i - first) & 1) === 1
  // In JSON `\n` is a line break and stays; elsewhere `C:\nils@…` may be meant, so it goes with the address,
  // which also leaves no lone backslash in JSON that is embedded in other text.
  if (mode.json && odd) return { at: i + 1, more: false }
  return { at: first, more: false }
}

function isSimpleEscape(c: number): boolean {
  return c === 0x6e || c === 0x74 || c === 0x72 || c === 0x62 || c === 0x66 || c === 0x2f
}

/** RFC 5321 section 4.1.2 `Quoted-string` before the at sign: `"joe blogs"@`. Looks back 130 bytes at most. */
function quotedStart(b: Uint8Array, from: number, at: number, mode: TextMode): number {
  if (at - 2 < from || b[at - 1] !== 0x22) return -1
  const escaped = b[at - 2] === 0x5c
  if (mode.json && !escaped) return -1
  const floor = Math.max(from, at - 130)
  for (let i = at - (escaped ? 3 : 2); i >= floor; i--) {
    const c = b[i]!
    if (c === 0x0a || c === 0x0d) return -1
    if (c !== 0x22) continue
    const slash = i > from && b[i - 1] === 0x5c
    if (slash !== escaped) {
      if (slash) continue
      return -1
    }
    const start = escaped ? i - 1 : i
    if (i + 1 >= at - 1) return -1
    return start === from || isOpener(b[start - 1]!) ? start : -1
  }
  return -1
}

/** What may stand before the opening quote: anything but a letter, a digit or another quote. */
function isOpener(c: number): boolean {
  return !isAlnum(c) && c !== 0x5c
}

/** In `https://host/path/joe@x.org?to=ann@y.org` the local part begins after the nearest URL delimiter. */
function trimUrl(b: Uint8Array, from: number, start: number, at: number): number {
  if (start > from && b[start - 1] === 0x3a && b[start] === 0x2f && b[start + 1] === 0x2f) {
    for (let i = at - 1; i >= start; i--) {
      const c = b[i]!
      if (c === 0x2f || c === 0x3f || c === 0x26 || c === 0x3d || c === 0x23)
        return i + 1 < at ? i + 1 : start
    }
    return start
  }
  const parameter = parameterEnd(b, start, at)
  if (parameter > 0) return parameter
  let i = start
  while (i < at && (b[i] === 0x2f || b[i] === 0x3f || b[i] === 0x26)) i++
  return i < at ? i : start
}

/** The end of the last `?name=` or `&name=` before the at sign, or -1. */
function parameterEnd(b: Uint8Array, start: number, at: number): number {
  for (let i = at - 2; i > start; i--) {
    if (b[i] !== 0x3d) continue
    let k = i
    while (k > start && (isAlnum(b[k - 1]!) || b[k - 1] === 0x5f || b[k - 1] === 0x2d)) k--
    return k < i && k > start && (b[k - 1] === 0x3f || b[k - 1] === 0x26) ? i + 1 : -1
  }
  return -1
}

/** `email=joe@x.org` keeps its key when the word is a known one. */
function trimKey(b: Uint8Array, start: number, at: number): number {
  const limit = Math.min(at - 1, start + 16)
  for (let i = start; i < limit; i++) {
    if (b[i] !== 0x3d) continue
    return KEY_WORDS.has(asciiWord(b, start, i)) ? i + 1 : start
  }
  return start
}

function asciiWord(b: Uint8Array, start: number, end: number): string {
  let text = ''
  for (let i = start; i < end; i++) text += String.fromCharCode(b[i]!)
  return text.toLowerCase()
}

/** Where a domain ends, -1 when it is none; `open` when another at sign follows it. */
interface Domain {
  readonly end: number
  readonly open: boolean
}

const NO_DOMAIN: Domain = { end: -1, open: false }

function domainEnd(b: Uint8Array, to: number, at: AtSign, mode: TextMode): Domain {
  let i = at.end
  if (i >= to) return NO_DOMAIN
  if (b[i] === 0x5b) return { end: literalEnd(b, to, i), open: false }
  let labels = 0
  let numeric = 0
  let lettered = false
  let labelStart = i
  let first = 0
  let digitsOnly = true
  let cut = -1
  const close = (): void => {
    labels++
    if (digitsOnly && i - labelStart <= 3) numeric++
    if (labels > 1 && (first >= 0x80 || isLetter(first))) lettered = true
  }
  while (i < to) {
    const c = b[i]!
    let code = c
    let width = 1
    if (c >= 0x80) {
      code = codeAt(b, i, to)
      width = code < 0 ? 1 : widthOf(code)
      if (code < 0) {
        if (!mode.binary || c < 0xc0) break
        code = c
      }
    } else if (c === 0x5c) {
      const u = slashesAt(b, i, to)
      code = unicodeEscape(b, u, to)
      width = u + 5 - i
    } else if (c === 0x25) {
      code = percentByte(b, i, to)
      if (code >= 0x80) code = 0xe0
      width = 3
    } else if (c === 0x26) {
      const e = entityEnd(b, i, to)
      code = e < 0 ? -1 : entityCode(b, i, e)
      width = e - i
    }
    if (code < 0 || !(isDomainCode(code) || (c === 0x5c && code >= 0xd800 && code <= 0xdfff))) break
    if (code === 0x2e || isDotCode(code)) {
      if (i === labelStart || !startsLabel(b, i + width, to)) break
      close()
      labelStart = i + width
      digitsOnly = true
      cut = -1
    } else {
      if (i === labelStart) first = code
      if (!isDigit(code)) digitsOnly = false
      if (cut < 0 && i > labelStart && isCjkCode(code) && first < 0x80) cut = i
    }
    i += width
  }
  if (i === at.end) return NO_DOMAIN
  const open = startsAtSign(b, at.end, i, to)
  close()
  let end = cut > 0 ? cut : i
  while (end > labelStart && (b[end - 1] === 0x2d || b[end - 1] === 0x5f)) end--
  const good =
    labels > 1 ? lettered || (labels === 4 && numeric === 4) : !mode.binary && isHost(b, at.end, end, first)
  // Random bytes make a top level of one letter every few megabytes.
  return { end: good && !(mode.binary && end - labelStart < 2) ? end : -1, open }
}

/** A domain of one label: a host name, two characters or more, and no tag of a package or image. */
function isHost(b: Uint8Array, start: number, end: number, first: number): boolean {
  if (end - start < 2 || !(first >= 0x80 || isLetter(first))) return false
  return end - start > 8 || !NOT_HOSTS.has(asciiWord(b, start, end))
}

function slashesAt(b: Uint8Array, at: number, to: number): number {
  let i = at
  while (i < to && b[i] === 0x5c) i++
  return i
}

function startsLabel(b: Uint8Array, at: number, to: number): boolean {
  if (at >= to) return false
  const c = b[at]!
  if (c === 0x5c) {
    const escaped = unicodeEscape(b, slashesAt(b, at, to), to)
    return escaped >= 0 && escaped !== 0x2e && isDomainCode(escaped) && !isDotCode(escaped)
  }
  if (c < 0x80) return isAlnum(c) || c === 0x2d || c === 0x5f
  const code = codeAt(b, at, to)
  return code >= 0 && isNameCode(code) && !isDotCode(code)
}

/** RFC 5321 section 4.1.3 address literals: `[192.0.2.1]`, `[IPv6:2001:db8::1]`. */
function literalEnd(b: Uint8Array, to: number, at: number): number {
  const limit = Math.min(to, at + 64)
  let marks = 0
  for (let i = at + 1; i < limit; i++) {
    const c = b[i]!
    if (c === 0x5d) return marks > 0 ? i + 1 : -1
    if (c === 0x2e || c === 0x3a) marks++
    if (!isAlnum(c) && c !== 0x2e && c !== 0x3a && c !== 0x2d) return -1
  }
  return -1
}
