// Customers: realistic names, e-mails, phones in free text. The same seed gives the same rows.
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

const FIRST =
  'Anna Björn Chloé Daniel Émile Fatima Georg Hana Ivan José Karin Liam María Nils Olga Piotr Quinn Rosa Søren Tomáš Uma Víctor Wei Xenia Yusuf Zoë'.split(
    ' ',
  )
const LAST =
  'Müller Smith García Nováková Johansson Rossi Dubois Kowalski Tanaka Okafor Silva Jensen Papadopoulos Kim Haddad O’Brien Nguyễn Fernández'.split(
    ' ',
  )
const HOST = 'example.com mail.example.org post.example.net exämple.de firma.example'.split(' ')
const CITY = 'Berlin;Lisbon;São Paulo;Kraków;New York, NY;Osaka;Lagos;Malmö;Toulouse;Quito'.split(';')
const WORDS =
  'the order arrived late but support was friendly and the refund came quickly we will certainly buy again if the delivery improves box damaged manual missing colour slightly different than shown'.split(
    ' ',
  )
/** Names of the columns, in their order. */
export const COLUMNS: readonly string[] = [
  'id',
  'name',
  'email',
  'city',
  'signup',
  'amount',
  'score',
  'active',
  'ref',
  'comment',
]
/** Those that hold free text. */
export const TEXTS: readonly string[] = ['name', 'email', 'city', 'ref', 'comment']

/** One customer; numbers and dates as the text that a file has. */
export type Customer = readonly [
  id: string,
  name: string,
  email: string,
  city: string,
  signup: string,
  amount: string,
  score: string,
  active: string,
  ref: string,
  comment: string,
]

/** Customers without end. `quoted` is the share whose comment has a comma, a quote, and sometimes a newline. */
export function* customers(quoted: number, seed = 42): Generator<Customer, never> {
  const random = mulberry(seed)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  for (let id = 1; ; id++) yield customer(id, random, pick, quoted)
}

/** Writes customers as text, a line at a time, until there are `bytes` of it; gives the number of rows. */
export function writeRows(
  path: string,
  bytes: number,
  options: {
    readonly head: string
    readonly quoted: number
    readonly encoding?: BufferEncoding
    readonly line: (row: Customer, index: number) => string
  },
): number {
  mkdirSync(dirname(path), { recursive: true })
  const file = openSync(path, 'w')
  const encode = (text: string): Buffer => Buffer.from(text, options.encoding ?? 'utf8')
  let written = writeSync(file, encode(options.head))
  let rows = 0
  let lines = ''
  for (const row of customers(options.quoted)) {
    lines += options.line(row, rows++)
    if (lines.length < 1 << 20 && written + lines.length < bytes) continue
    written += writeSync(file, encode(lines))
    lines = ''
    if (written >= bytes) break
  }
  closeSync(file)
  return rows
}

function customer(
  id: number,
  random: () => number,
  pick: <T>(list: readonly T[]) => T,
  quoted: number,
): Customer {
  const [first, last] = [pick(FIRST), pick(LAST)]
  const digits = (n: number): string => String(Math.floor(random() * 10 ** n)).padStart(n, '0')
  const email = `${ascii(first)}.${ascii(last)}${Math.floor(random() * 1000)}@${pick(HOST)}`.toLowerCase()
  const day = new Date(Date.UTC(2019, 0, 1) + Math.floor(random() * 2000) * 86_400_000)
    .toISOString()
    .slice(0, 10)
  const dice = random()
  let comment = sentence(random, pick)
  if (dice < 0.05) comment += ` Call me: +49 170 ${digits(7)} after six.`
  else if (dice < 0.08) comment += ` (555) ${digits(3)}-${digits(4)} is my number`
  else if (dice < 0.12) comment += ` write to ${ascii(last).toLowerCase()}@${pick(HOST)}, please`
  if (random() < quoted) {
    comment = `${comment.replace(' and ', ', and ')}, he said "ok"${random() < 0.3 ? '\nsecond line' : ''}`
  }
  return [
    String(id),
    `${first} ${last}`,
    email,
    pick(CITY),
    day,
    (random() * 5000).toFixed(2),
    random().toFixed(4),
    String(random() < 0.7),
    `00${digits(6)}`,
    comment,
  ]
}

/** A row as RFC 4180 has it: quoted where it must be. */
export function csvLine(row: readonly string[]): string {
  return `${row.map((cell) => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\n`
}

function sentence(random: () => number, pick: <T>(list: readonly T[]) => T): string {
  const words = Array.from({ length: 4 + Math.floor(random() * 8) }, () => pick(WORDS))
  return words.join(' ')
}

function ascii(name: string): string {
  return name.normalize('NFD').replace(/[^A-Za-z]/g, '')
}

function mulberry(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
