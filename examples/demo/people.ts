/** Invented people whose every e-mail address and phone number is remembered, so that the demo can look for them. */
export interface People {
  /** The next person; each is different. */
  next(): Person
  /** Every address and number handed out. */
  readonly planted: ReadonlySet<string>
}

export interface Person {
  readonly name: string
  readonly email: string
  readonly phone: string
}

const FIRST = [
  'Anna',
  'Björn',
  'Chloé',
  'Diego',
  'Elif',
  'Farid',
  'Grace',
  'Hüseyin',
  'Ines',
  'Jürgen',
  'Katarzyna',
  'Liam',
]
const LAST = [
  'Müller',
  "O'Brien",
  'Núñez',
  'Schmidt',
  'Yılmaz',
  'Kowalska',
  'Rossi',
  'Dubois',
  'van Dijk',
  'Andersson',
]
const HOSTS = ['example.org', 'example.com', 'mail.example.net', 'bücher.example']
const PHONES = [
  (n: string) => `+49 30 ${n.slice(0, 4)} ${n.slice(4)}`,
  (n: string) => `+1 415 ${n.slice(0, 3)} ${n.slice(3, 7)}`,
  (n: string) => `+44 20 ${n.slice(0, 4)} ${n.slice(4)}`,
  (n: string) => `(415) ${n.slice(0, 3)}-${n.slice(3, 7)}`,
]

/** The same people for the same seed. */
export function createPeople(seed: number): People {
  const random = createRandom(seed)
  const planted = new Set<string>()
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T
  return {
    planted,
    next() {
      const first = pick(FIRST)
      const last = pick(LAST)
      const n = planted.size
      const email = `${first}.${last.replace(/[^\p{L}]/gu, '')}${n}@${pick(HOSTS)}`.toLowerCase()
      const phone = pick(PHONES)(String(20_000_000 + n * 37 + Math.floor(random() * 30)))
      planted.add(email).add(phone)
      return { name: `${first} ${last}`, email, phone }
    },
  }
}

// mulberry32: small, and the same on every machine.
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
