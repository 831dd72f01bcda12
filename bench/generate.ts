// Writes a CSV of customers: realistic names, e-mails, phones in free text, quoted commas and newlines.
// The same size and seed give the same bytes. node bench/generate.ts FILE MEGABYTES
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

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
export const HEADER = 'id,name,email,city,signup,amount,score,active,ref,comment\n'

/** Writes at least `bytes` bytes of rows; gives the number of rows. */
export function generateCsv(path: string, bytes: number, seed = 42): number {
  mkdirSync(dirname(path), { recursive: true })
  const file = openSync(path, 'w')
  const random = mulberry(seed)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  let written = writeSync(file, HEADER)
  let rows = 0
  let lines = ''
  while (written + lines.length < bytes) {
    lines += row(++rows, random, pick)
    if (lines.length > 1 << 20) {
      written += writeSync(file, lines)
      lines = ''
    }
  }
  if (lines !== '') writeSync(file, lines)
  closeSync(file)
  return rows
}

function row(id: number, random: () => number, pick: <T>(list: readonly T[]) => T): string {
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
  const quoted = random() < 0.2
  if (quoted)
    comment = `${comment.replace(' and ', ', and ')}, he said ""ok""${random() < 0.3 ? '\nsecond line' : ''}`
  if (quoted || comment.includes(',')) comment = `"${comment}"`
  const city = pick(CITY)
  const amount = (random() * 5000).toFixed(2)
  const quotedCity = city.includes(',') ? `"${city}"` : city
  return `${id},${first} ${last},${email},${quotedCity},${day},${amount},${random().toFixed(4)},${random() < 0.7},00${digits(6)},${comment}\n`
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

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [path = 'customers.csv', megabytes = '100'] = process.argv.slice(2)
  console.log(`${generateCsv(path, Number(megabytes) * 1_000_000)} rows in ${path}`)
}
