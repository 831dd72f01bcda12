// Personal data to hide in inputs, and a search for any piece of it. Shares no code with the product.

/** One planted address or number. */
export interface Plant {
  readonly id: number
  readonly kind: 'email' | 'phone'
  /** All digits of a number; empty for an address. */
  readonly digits: string
  /** Where it was put, for messages. */
  readonly place: string
}

/** A mark in the letters of some script, that spells the plant's number: any copy of it is found. */
interface Script {
  readonly open: string
  readonly letters: readonly string[]
  readonly close: string
}

const LATIN: Script = { open: 'xq', letters: [...'bcdfghjkmnprstvw'], close: 'qx' }
const CYRILLIC: Script = { open: 'щъ', letters: [...'абвгдежзиклмнопр'], close: 'ъщ' }
const HAN: Script = { open: '魑魅', letters: [...'山川田中木村水火土金石竹松林森花'], close: '魅魑' }
const ARABIC: Script = { open: 'غق', letters: [...'ابتثجحخدذرزسشصضط'], close: 'قغ' }
const SCRIPTS = [LATIN, CYRILLIC, HAN, ARABIC]

function mark(script: Script, id: number): string {
  const hex = id.toString(16).padStart(4, '0')
  return (
    script.open + [...hex].map((digit) => script.letters[Number.parseInt(digit, 16)]).join('') + script.close
  )
}

function fullwidth(text: string): string {
  return [...text].map((c) => (/[!-~]/.test(c) ? String.fromCharCode(c.charCodeAt(0) + 0xfee0) : c)).join('')
}

function digitsFrom(zero: number, text: string): string {
  return text.replace(/\d/g, (c) => String.fromCharCode(zero + Number(c)))
}

type Form = (id: number) => string
const l = (id: number): string => mark(LATIN, id)

const ADDRESSES: readonly Form[] = [
  (id) => `${l(id)}@${l(id)}.com`,
  (id) => `${l(id)}.anna+tag@mail.${l(id)}.co.uk`,
  (id) => `müller${l(id)}@exämple${l(id)}.de`,
  (id) => `${mark(CYRILLIC, id)}@почта${mark(CYRILLIC, id)}.рф`,
  (id) => `${mark(HAN, id)}@例え${mark(HAN, id)}.jp`,
  (id) => `${mark(ARABIC, id)}@${mark(ARABIC, id)}.إختبار`,
  (id) => `${l(id)}%40${l(id)}.org`,
  (id) => `${l(id)}＠${l(id)}.jp`,
  (id) => `${l(id).toUpperCase()}@${l(id).toUpperCase()}.ORG`,
  (id) => `o'${l(id)}@${l(id)}.ie`,
  (id) => `${l(id)}@xn--${l(id)}-cua.com`,
  (id) => `${l(id)}&#64;${l(id)}.net`,
]

/** Addresses of ASCII letters with an at sign of ASCII. */
const ASCII_ADDRESSES = ADDRESSES.filter((form) => /^[!-~]+@[!-~]+$/.test(form(0)))

/** The last seven digits of every number are its own. */
const NUMBERS: readonly ((d: string) => string)[] = [
  (d) => `+1 415 ${d.slice(0, 3)} ${d.slice(3)}`,
  (d) => `+1415${d}`,
  (d) => `(415) ${d.slice(0, 3)}-${d.slice(3)}`,
  (d) => `415-${d.slice(0, 3)}-${d.slice(3)}`,
  (d) => `415.${d.slice(0, 3)}.${d.slice(3)}`,
  (d) => `+49 30 9${d}`,
  (d) => `0049 151 1${d}`,
  (d) => `+44 20 7${d.slice(0, 3)} ${d.slice(3)}`,
  (d) => `06 1${d[0]} ${d.slice(1, 3)} ${d.slice(3, 5)} ${d.slice(5)}`,
  (d) => `+33-6-1${d[0]}-${d.slice(1, 3)}-${d.slice(3, 5)}-${d.slice(5)}`,
  (d) => fullwidth(`+49309${d}`),
  (d) => fullwidth(`+1 415 ${d.slice(0, 3)}-${d.slice(3)}`),
  (d) => digitsFrom(0x660, `+96651${d}`),
  (d) => `+1\u00a0415\u00a0${d.slice(0, 3)}\u2011${d.slice(3)}`,
  (d) => `415${d}`,
]

/** Numbers of ASCII digits, with something between them. */
const ASCII_NUMBERS = NUMBERS.filter((form) => /^[ -~]*[^\w][ -~]*$/.test(form('2345678')))

/** Which forms take turns: all, or those of ASCII signs. */
export type Forms = 'all' | 'ascii'

/** Makes plants with ids of their own. */
export interface Garden {
  readonly plants: readonly Plant[]
  email(place: string, forms?: Forms): string
  phone(place: string, forms?: Forms): string
  /** E.164 without the plus, for numeric columns. */
  number(place: string): bigint
  /** The numbers given out by `number`. */
  readonly numbers: readonly bigint[]
}

/** Ids from `first` on; forms take turns. */
export function createGarden(first: number): Garden {
  const plants: Plant[] = []
  const numbers: bigint[] = []
  let next = first
  const ownDigits = (id: number): string => {
    const d = String(2_000_000 + ((id * 104_729) % 7_999_993))
    // No exchange is N11: those are service numbers.
    return d.slice(1, 3) === '11' ? `${d[0]}23${d.slice(3)}` : d
  }
  const plant = (kind: Plant['kind'], place: string, digits: string): void => {
    plants.push({ id: next++, kind, digits, place })
  }
  return {
    plants,
    numbers,
    email(place, forms = 'all') {
      const turns = forms === 'all' ? ADDRESSES : ASCII_ADDRESSES
      const text = turns[next % turns.length]!(next)
      plant('email', place, '')
      return text
    },
    phone(place, forms = 'all') {
      const turns = forms === 'all' ? NUMBERS : ASCII_NUMBERS
      const text = turns[next % turns.length]!(ownDigits(next))
      plant('phone', place, plainDigits(text).replace(/\D/g, ''))
      return text
    },
    number(place) {
      const digits = `1415${ownDigits(next)}`
      plant('phone', place, digits)
      numbers.push(BigInt(digits))
      return BigInt(digits)
    },
  }
}

const MARKS = SCRIPTS.map(
  ({ open, letters, close }) => new RegExp(`${open}([${letters.join('')}]{4})${close}`, 'giu'),
)

/** What of the plants is in a text, whatever its escapes, its digits and its separators. */
export function plantsIn(text: string, garden: Garden, lastDigits: number): Plant[] {
  const { plants } = garden
  if (plants.length === 0) return []
  const first = plants[0]!.id
  const found = new Set<number>()
  const tails = new Map(
    plants.filter(({ kind }) => kind === 'phone').map(({ id, digits }) => [digits.slice(-lastDigits), id]),
  )
  for (const reading of readings(text)) {
    for (const [i, marks] of MARKS.entries()) {
      for (const [, letters] of reading.matchAll(marks)) {
        const hex = [...letters!.toLowerCase()]
          .map((c) => SCRIPTS[i]!.letters.indexOf(c).toString(16))
          .join('')
        found.add(Number.parseInt(hex, 16))
      }
    }
    for (const [run] of reading.matchAll(/\d(?:[\s()./\u2010-\u2015+-]{0,4}\d)+/g)) {
      const digits = run.replace(/\D/g, '')
      for (let at = 0; at + lastDigits <= digits.length; at++) {
        const id = tails.get(digits.slice(at, at + lastDigits))
        if (id !== undefined) found.add(id)
      }
    }
  }
  return [...found].filter((id) => id >= first && id < first + plants.length).map((id) => plants[id - first]!)
}

/** Pieces that only plants are made of: a corner of a mark, or a letter beyond ASCII. */
export function fragmentsIn(text: string): string[] {
  const plain = text.replace(/[A-Za-z0-9+/]{24,}={0,2}/g, ' base64 ')
  return readings(plain).flatMap(
    (reading) => reading.match(/.{0,8}(?:xq|qx|[^\P{L}\p{ASCII}]).{0,8}/giu) ?? [],
  )
}

/** The little-endian words of planted numbers that are in some bytes, as int64 or double. */
export function wordsIn(bytes: Buffer, garden: Garden): bigint[] {
  return garden.numbers.filter((value) => {
    const word = Buffer.alloc(8)
    word.writeBigInt64LE(value)
    if (bytes.includes(word)) return true
    word.writeDoubleLE(Number(value))
    return bytes.includes(word)
  })
}

function readings(text: string): string[] {
  const plain = plainDigits(text)
  const unescaped = unescapeJson(plain)
  const all = new Set([plain, unescaped, unescapePercent(plain), unescapePercent(unescapeJson(unescaped))])
  for (const [part] of text.matchAll(/[A-Za-z0-9+/]{16,}={0,2}/g)) {
    all.add(plainDigits(Buffer.from(part, 'base64').toString('utf8')))
  }
  return [...all]
}

function plainDigits(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .replace(/[\u0660-\u0669]/g, (c) => String(c.charCodeAt(0) - 0x660))
}

function unescapeJson(text: string): string {
  const plain = text.replace(/\\+u([0-9a-f]{4})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return plainDigits(plain)
}

function unescapePercent(text: string): string {
  return plainDigits(
    text.replace(/(?:%[0-9a-f]{2})+/gi, (coded) =>
      Buffer.from(coded.replaceAll('%', ''), 'hex').toString('utf8'),
    ),
  )
}
