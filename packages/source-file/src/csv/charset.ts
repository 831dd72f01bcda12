import { isUtf8 } from 'node:buffer'
import { TextDecoder } from 'node:util'
import { scoreMultibyte } from './multibyte.ts'

/** An encoding that the bytes look like, and how that was seen. */
export interface Guessed {
  readonly name: string
  readonly why: string
}

/** Bytes of lines with other characters than ASCII that are looked at. */
const SAMPLE_BYTES = 32 * 1024
/** The mean score of a character above which an encoding is believed. */
const BELIEVED = 0.45
/**
 * Letters of languages written in Latin script, by the encodings that have them (Unicode's mapping tables); those
 * at the end are in few languages.
 */
const LATIN: Readonly<Record<string, string>> = {
  'windows-1252': 'éèêëàâäáãåçñöóôõøüúùûíìîïßæœ',
  'windows-1250': 'ąćęłńóśźżáčďéěíňřšťúůžőűöüäăâîşßýţđ',
  'windows-1254': 'ğışçöüâîûé',
  'windows-1257': 'āčēģīķļņšūžąęėįųõäöüåé',
}
/** Letters of other scripts, the more frequent first. */
const COMMON: Readonly<Record<string, string>> = {
  cyrillic: 'оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъёіїєґў',
  greek: 'αβγδεζηθικλμνξοπρστυφχψωάέήίόύώϊϋς',
  hebrew: 'יוהלארמתבנשדעקחפםטכגסצןזץךף',
  arabic: 'ابتثجحخدذرزسشصضطظعغفقكلمنهويىةءآأؤإئپچژگ',
  thai: 'กขคงจฉชซญฎฏฐณดตถทธนบปผฝพฟภมยรลวศษสหฬอฮะัาำิีึืฺุู่้๊๋เแโใไ็์',
}

interface SingleByte {
  readonly name: string
  readonly letters: string
  readonly isLatin: boolean
  /** Added to the mean: the likelier of two that read alike. */
  readonly more: number
}

const SINGLE: readonly SingleByte[] = [
  ...Object.entries(LATIN).map(([name, letters]) => ({
    name,
    letters,
    isLatin: true,
    more: name === 'windows-1252' ? 0.08 : name === 'windows-1254' ? 0.03 : 0,
  })),
  { name: 'iso-8859-2', letters: LATIN['windows-1250'] ?? '', isLatin: true, more: -0.02 },
  { name: 'macintosh', letters: LATIN['windows-1252'] ?? '', isLatin: true, more: -0.05 },
  ...(['windows-1251', 'koi8-r', 'iso-8859-5', 'ibm866', 'koi8-u'] as const).map((name, i) =>
    single(name, 'cyrillic', -0.01 * i),
  ),
  single('windows-1253', 'greek', 0),
  single('iso-8859-7', 'greek', -0.01),
  single('windows-1255', 'hebrew', 0),
  single('windows-1256', 'arabic', 0),
  single('iso-8859-6', 'arabic', -0.01),
  single('windows-874', 'thai', 0),
]

function single(name: string, script: string, more: number): SingleByte {
  return { name, letters: COMMON[script] ?? '', isLatin: false, more }
}

const PUNCTUATION = '’‘“”„‚–—…€°§«»·¿¡ºª£©®™•№²³½´×±µ\u00a0'

/** What bytes without a byte order mark are written in; UTF-8 where nothing speaks for another encoding. */
export function guessEncoding(head: Uint8Array, complete: boolean): Guessed {
  const wide = guessWide(head)
  if (wide) return wide
  const cuts = complete ? [0] : [0, 1, 2, 3]
  if (cuts.some((cut) => isUtf8(head.subarray(0, head.length - cut)))) return { name: 'utf-8', why: 'valid' }
  const { valid, invalid } = countUtf8(head)
  if (valid >= 4 * invalid) return { name: 'utf-8', why: `${valid} characters valid, ${invalid} bytes not` }
  const sample = highLines(head)
  const scores = [
    ...scoreMultibyte(sample).map(({ name, score }) => ({ name, score })),
    ...SINGLE.map((one) => ({ name: one.name, score: scoreSingle(sample, one) })),
  ]
  const best = scores.reduce((a, b) => (b.score > a.score ? b : a))
  if (best.score < BELIEVED) return { name: 'utf-8', why: 'nothing speaks for another' }
  return { name: best.name, why: `not UTF-8; ${Math.round(100 * Math.min(1, best.score))} % like it` }
}

/** UTF-32 and UTF-16 by the zeros that ASCII characters have in them. */
function guessWide(head: Uint8Array): Guessed | undefined {
  const length = Math.min(head.length, 4096) & ~3
  if (length < 4) return undefined
  const zeros = [0, 0, 0, 0]
  for (let i = 0; i < length; i++) if (head[i] === 0) zeros[i & 3]!++
  const share = zeros.map((count) => count / (length / 4)) as [number, number, number, number]
  const even = (share[0] + share[2]) / 2
  const odd = (share[1] + share[3]) / 2
  const likely =
    share[2] > 0.95 && share[3] > 0.95 && share[0] < 0.1
      ? 'utf-32le'
      : share[0] > 0.95 && share[1] > 0.95 && share[3] < 0.1
        ? 'utf-32be'
        : odd > 0.1 && even < odd / 10
          ? 'utf-16le'
          : even > 0.1 && odd < even / 10
            ? 'utf-16be'
            : undefined
  return likely !== undefined &&
    isText(head.subarray(0, length), likely) &&
    (likely.startsWith('utf-32') || hasLineEnds(head.subarray(0, length), likely === 'utf-16le', odd + even))
    ? { name: likely, why: 'zeros where it has them' }
    : undefined
}

/** Zeros of a text without line ends from which it is UTF-16: bytes with a stray zero have few. */
const MANY_ZEROS = 0.3

/** Whether line ends come as the two bytes that UTF-16 has for them, as in no text with a stray zero. */
function hasLineEnds(bytes: Uint8Array, isLittle: boolean, zeros: number): boolean {
  let [all, wide] = [0, 0]
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] !== 10 && bytes[i] !== 13) continue
    all++
    if (isLittle ? i % 2 === 0 && bytes[i + 1] === 0 : i % 2 === 1 && bytes[i - 1] === 0) wide++
  }
  return all === 0 ? zeros > MANY_ZEROS : wide * 2 > all
}

/** Whether UTF-16 gives text; UTF-32 has so many zeros that nothing else is like it. */
function isText(bytes: Uint8Array, name: string): boolean {
  if (name.startsWith('utf-32')) return true
  try {
    const text = new TextDecoder(name, { fatal: true }).decode(bytes, { stream: true })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: binary data has them, and text has not
    return !/[\0-\x08\x0e-\x1f]/.test(text)
  } catch {
    return false
  }
}

/** Characters of several bytes that are UTF-8, and bytes that are not. */
function countUtf8(bytes: Uint8Array): { readonly valid: number; readonly invalid: number } {
  let [valid, invalid] = [0, 0]
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!
    if (byte < 0x80) continue
    const more =
      byte >= 0xc2 && byte < 0xe0 ? 1 : byte >= 0xe0 && byte < 0xf0 ? 2 : byte >= 0xf0 && byte < 0xf5 ? 3 : 0
    let follow = 0
    while (follow < more && ((bytes[i + 1 + follow] ?? 0) & 0xc0) === 0x80) follow++
    if (more > 0 && follow === more) {
      valid++
      i += more
    } else invalid++
  }
  return { valid, invalid }
}

/** The lines that hold more than ASCII. */
function highLines(bytes: Uint8Array): Uint8Array {
  const lines: Uint8Array[] = []
  let size = 0
  let start = 0
  let isHigh = false
  for (let i = 0; i <= bytes.length && size < SAMPLE_BYTES; i++) {
    const byte = bytes[i]
    if (byte !== undefined && byte !== 10 && byte !== 13) {
      if (byte >= 0x80) isHigh = true
      continue
    }
    // What the head cuts off in the middle may be half a character.
    if (isHigh && (byte !== undefined || lines.length === 0)) {
      lines.push(bytes.subarray(start, i + 1))
      size += i + 1 - start
    }
    start = i + 1
    isHigh = false
  }
  return Buffer.concat(lines)
}

/** The mean of how well each character beyond ASCII fits where it stands. */
function scoreSingle(sample: Uint8Array, { name, letters, isLatin, more }: SingleByte): number {
  let text: string
  try {
    text = new TextDecoder(name).decode(sample)
  } catch {
    return -1
  }
  const weights = new Map([...letters].map((letter, i) => [letter, weightOf(i, letters.length, isLatin)]))
  let [sum, count] = [0, 0]
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!
    if (char < '\x80') continue
    count++
    sum += scoreChar(char, text[i - 1] ?? ' ', text[i + 1] ?? ' ', weights, isLatin)
  }
  // A letter or two say nothing of a script.
  return count < (isLatin ? 1 : 4) ? -1 : sum / count + more
}

function weightOf(rank: number, letters: number, isLatin: boolean): number {
  if (isLatin) return rank >= letters - 3 && letters > 20 ? 0.7 : 1
  return rank < 10 ? 1.1 : rank < 20 ? 0.95 : 0.75
}

function scoreChar(
  char: string,
  before: string,
  after: string,
  weights: ReadonlyMap<string, number>,
  isLatin: boolean,
): number {
  if (char < '\xa0' || char === '\ufffd') return -2
  const isBetween = /\p{L}/u.test(before) || /\p{L}/u.test(after)
  if (PUNCTUATION.includes(char))
    return /\p{L}/u.test(before) && /\p{L}/u.test(after) && char !== '’' ? -0.5 : 0.5
  const lower = char.toLowerCase()
  const weight = weights.get(lower)
  if (weight === undefined) return /\p{L}/u.test(char) ? -0.2 : -0.5
  // Latin letters with marks stand among plain ones.
  if (isLatin && !/[A-Za-z]/.test(before + after)) return 0.2
  if (!isBetween) return 0.3
  if (!isLatin && /[A-Za-z]/.test(before + after)) return -0.5
  if (char === lower) return weight
  // A capital within a word is rare, and tells encodings apart that have the letters in another order.
  return /\p{Ll}/u.test(before) ? -1 : weight * (/\p{Lu}/u.test(before) ? 0.35 : 0.7)
}
