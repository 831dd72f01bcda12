import { TextDecoder } from 'node:util'

/** How the two bytes of a character are judged: 1 for those that texts are made of, below 0 for rare ones. */
type Judge = (lead: number, trail: number) => number

interface Multibyte {
  readonly name: string
  /** Whether a byte begins a character of two. */
  isLead(byte: number): boolean
  readonly judge: Judge
  /** The score of a high byte that is a character by itself. */
  readonly alone: number
}

const isHigh = (byte: number): boolean => byte >= 0xa1 && byte <= 0xfe

/**
 * Encodings of two bytes a character, https://encoding.spec.whatwg.org/#legacy-multi-byte-chinese-(simplified)-encodings
 * and after. Each standard puts its common characters first: rows 16 to 55 of GB 2312, level 1 of JIS X 0208 and
 * Big5, the Hangul rows of KS X 1001.
 */
const MULTIBYTE: readonly Multibyte[] = [
  {
    name: 'gb18030',
    isLead: (byte) => byte >= 0x81 && byte <= 0xfe,
    judge: (lead, trail) => {
      if (!isHigh(trail)) return -0.5
      if (lead >= 0xb0 && lead <= 0xd7) return 0.9
      if (lead === 0xa1 || lead === 0xa3) return 0.6
      return lead >= 0xd8 && lead <= 0xf7 ? 0 : -0.5
    },
    alone: -1,
  },
  {
    name: 'big5',
    isLead: (byte) => byte >= 0x81 && byte <= 0xfe,
    judge: (lead) => (lead >= 0xa4 && lead <= 0xc6 ? 0.88 : lead >= 0xa1 && lead <= 0xa3 ? 0.5 : -0.2),
    alone: -1,
  },
  {
    name: 'euc-kr',
    isLead: (byte) => byte >= 0x81 && byte <= 0xfe,
    judge: (lead, trail) => {
      if (!isHigh(trail)) return -0.3
      if (lead >= 0xb0 && lead <= 0xc8) return 1
      return lead === 0xa1 || lead === 0xa3 ? 0.5 : -0.5
    },
    alone: -1,
  },
  {
    name: 'shift_jis',
    isLead: (byte) => (byte >= 0x81 && byte <= 0x9f) || (byte >= 0xe0 && byte <= 0xfc),
    judge: (lead, trail) => {
      if ((lead === 0x82 && trail >= 0x9f) || (lead === 0x83 && trail <= 0x96)) return 1
      if (lead === 0x81 || lead === 0x82) return 0.6
      return lead >= 0x88 && lead <= 0x97 ? 0.85 : -0.2
    },
    alone: -0.3,
  },
  {
    name: 'euc-jp',
    isLead: (byte) => isHigh(byte) || byte === 0x8e,
    judge: (lead) => {
      if (lead === 0xa4 || lead === 0xa5) return 1.1
      if (lead === 0xa1 || lead === 0xa3) return 0.6
      return lead >= 0xb0 && lead <= 0xcf ? 0.8 : -0.3
    },
    alone: -1,
  },
]

/** How well a sample reads in each of those encodings that it is valid in, as a mean over its characters. */
export function scoreMultibyte(
  sample: Uint8Array,
): readonly { readonly name: string; readonly score: number }[] {
  return MULTIBYTE.flatMap((one) => {
    const score = isValid(sample, one.name) ? scoreOf(sample, one) : -1
    return score < 0 ? [] : [{ name: one.name, score }]
  })
}

function isValid(sample: Uint8Array, name: string): boolean {
  try {
    new TextDecoder(name, { fatal: true }).decode(sample, { stream: true })
    return true
  } catch {
    return false
  }
}

function scoreOf(sample: Uint8Array, { isLead, judge, alone }: Multibyte): number {
  let [sum, count] = [0, 0]
  for (let i = 0; i < sample.length; i++) {
    const byte = sample[i]!
    if (byte < 0x80) continue
    count++
    const trail = sample[i + 1] ?? 0
    if (isLead(byte) && trail >= 0x30) {
      sum += judge(byte, trail)
      i++
    } else sum += alone
  }
  return count < 2 ? -1 : sum / count
}
