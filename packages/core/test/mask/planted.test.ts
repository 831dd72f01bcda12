import type { Batch, Column, Schema } from '@omni/spec'
import { expect, test } from 'vitest'
import { createMasker, DEFAULT_POLICY } from '../../src/mask/index.ts'
import { buffersOf, fixed, int64, list, map, struct, text, texts } from './columns.ts'

// 10,000 addresses and numbers in every kind of column. Each plant holds a mark of its own (six letters in an
// address, the last six digits of a number), so that one look at the output finds any piece of any of them.

const ROWS = 500
let seed = 42
function random(below: number): number {
  seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
  return (seed >>> 8) % below
}

/** Six letters that spell a number: q is 0, w is 1, and so on; no English word or escape looks like it. */
function mark(n: number): string {
  return [...String(n).padStart(6, '0')].map((d) => 'qwzxjkvypf'[Number(d)]!).join('')
}

const ADDRESSES: readonly ((m: string) => string)[] = [
  (m) => `${m}@example.com`,
  (m) => `joe.${m}+tag@mail.${m}.co.uk`,
  (m) => `mü${m}ller@exä${m}mple.de`,
  (m) => `${m}.пётр@почта${m}.рф`,
  (m) => `"${m} blogs"@${m}.org`,
  (m) => `${m}%40example.org`,
  (m) => `${m}&#64;${m}.net`,
  (m) => `${m}＠${m}．jp`,
  (m) => `o'${m}/x=y@${m}.example`,
  (m) => `${m}@[192.0.2.7]`,
  (m) => `${m}@xn--${m}-cua.com`,
  (m) => `${m}\u200bx@${m}\u200b.com`,
]
const NUMBERS: readonly ((d: string) => string)[] = [
  (d) => `+1 415 5${d.slice(0, 2)} ${d.slice(2)}`,
  (d) => `+4930${d}`,
  (d) => `(415) 5${d.slice(0, 2)}-${d.slice(2)}`,
  (d) => `415-5${d.slice(0, 2)}-${d.slice(2)}`,
  (d) => `415.5${d.slice(0, 2)}.${d.slice(2)} ext. 77`,
  (d) => `0049 151 12${d}`,
  (d) => `06 12 ${d.slice(0, 2)} ${d.slice(2, 4)} ${d.slice(4)}`,
  (d) => `030/12${d}`,
  (d) => `415\u00a05${d.slice(0, 2)}\u2011${d.slice(2)}`,
  (d) => [...`4155${d}`].map((c) => String.fromCodePoint(0xff10 + Number(c))).join(''),
  (d) => [...`0155${d}`].map((c) => String.fromCodePoint(0x660 + Number(c))).join(''),
  (d) => `4155${d}`,
  (d) => `+44\u200b20\u200b79${d}`,
]

let planted = 0
const marks: string[] = []
const numbers: string[] = []
function address(): string {
  const m = mark(planted++)
  marks.push(m)
  return ADDRESSES[random(ADDRESSES.length)]!(m)
}
function number(): string {
  const d = String(200_000 + planted++ * 7).slice(-6)
  numbers.push(d)
  return NUMBERS[random(NUMBERS.length)]!(d)
}
function digits(): bigint {
  const d = String(200_000 + planted++ * 7).slice(-6)
  numbers.push(d)
  return BigInt(`14155${d}`)
}

const SENTENCES: readonly ((a: string, n: string) => string)[] = [
  (a, n) => `Write to ${a}, or call ${n}.`,
  (a, n) => `first line\n<${a}>\r\n${n}\nlast line`,
  (a, n) => JSON.stringify({ note: `mail ${a}`, deep: [{ more: `tel ${n}\t` }], n: 7 }),
  (a, n) =>
    JSON.stringify({ contact: `${a}\n${n}` }).replace(
      /[\u0080-\uffff]/g,
      (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
  (a, n) => `<a href="mailto:${a}">mail</a> <b>${n}</b>`,
  (a, n) => `id;7;${a};${n};end`,
  (a, n) => `『${a}』（${n}）`,
]
const sentences = (): string[] =>
  Array.from({ length: ROWS }, () => SENTENCES[random(SENTENCES.length)]!(address(), number()))
const urls = (): string[] =>
  Array.from({ length: ROWS }, (_, i) => {
    const m = mark6()
    const plain = [`j.${m}+tag@mail.${m}.co.uk`, `mü${m}@exä${m}.de`, `${m}@${m}.example`][random(3)]!
    const d = String(planted)
    const a = i % 2 === 0 ? encodeURIComponent(plain) : plain
    return `https://shop.example/u/${a}/cart?page=2&email=${a}&tel=${encodeURIComponent(`+1 415 5${last4().slice(0, 2)} 55${d.slice(-2)}`)}#top`
  })
const ones = (): number[] => Array.from({ length: ROWS }, () => 1)
const bytesOf = (value: bigint): Uint8Array => new Uint8Array(BigInt64Array.of(value).buffer)

const COLUMNS: Record<string, () => Column> = {
  note: () => text(sentences()),
  blob: () => text(sentences(), 'binary'),
  url: () => text(urls()),
  tags: () =>
    list(
      text([...sentences(), ...sentences()]),
      ones().map(() => 2),
    ),
  person: () => struct(['about', 'inner'], [text(sentences()), struct(['said'], [text(sentences())])]),
  extra: () => map(text(sentences()), text(sentences()), ones()),
  orders: () => list(struct(['memo', 'fax'], [text(sentences()), int64(ones().map(digits))]), ones()),
  code: () =>
    fixed(
      { kind: 'fixed', bytes: 64 },
      ones().map(() => Buffer.from(`x ${mark6()}@example.org 415-555-${last4()}`.padEnd(64))),
      64,
    ),
  phone: () => int64(ones().map((_, i) => (i % 5 === 0 ? null : digits()))),
  mobileNumber: () =>
    fixed(
      { kind: 'decimal', bits: 128, precision: 20, scale: 0 },
      ones().map(() => Buffer.concat([bytesOf(digits()), Buffer.alloc(8)])),
      16,
    ),
  tel_no: () =>
    fixed(
      { kind: 'float', bits: 64 },
      ones().map(() => new Uint8Array(Float64Array.of(Number(digits())).buffer)),
      8,
    ),
  'Home-Phones': () => list(int64(ones().map(digits)), ones()),
  dictionary: () => map(text(ones().map(() => 'phone')), int64(ones().map(digits)), ones()),
  profile: () =>
    text(
      ones().map(() =>
        JSON.stringify({ id: 5, phone: 0, e_mail: address() }).replace('"phone":0', `"phone":${digits()}`),
      ),
    ),
  email: () => text(ones().map((_, i) => (i % 7 === 0 ? null : i % 7 === 1 ? '' : address()))),
}
function mark6(): string {
  const m = mark(planted++)
  marks.push(m)
  return m
}
function last4(): string {
  const d = String(200_000 + planted++ * 7).slice(-6)
  numbers.push(`555${d.slice(2)}`)
  return d.slice(2)
}

test('10,000 plants: no piece of any is in any buffer', () => {
  const names = Object.keys(COLUMNS)
  const columns = names.map((name) => COLUMNS[name]!())
  const schema: Schema = {
    fields: names.map((name, i) => ({ name, type: columns[i]!.type, nullable: true })),
  }
  const batch: Batch = { schema, rows: ROWS, columns }
  const before = columns.flatMap(buffersOf).map((b) => Buffer.from(b).toString('latin1'))
  expect(planted).toBeGreaterThan(10_000)

  const masker = createMasker(schema, DEFAULT_POLICY)
  const masked = masker.mask(batch)
  masker.scan(masked)
  const report = masker.report()

  expect(
    columns.flatMap(buffersOf).map((b) => Buffer.from(b).toString('latin1')),
    'input unchanged',
  ).toEqual(before)
  const all = new Set(marks)
  const tails = new Set(numbers)
  for (const [i, column] of masked.columns.entries()) {
    for (const buffer of buffersOf(column)) {
      const out = Buffer.from(buffer).toString('utf8')
      const left = (out.match(/[qwzxjkvypf]{6}/g) ?? []).filter((m) => all.has(m))
      expect(left, names[i]!).toEqual([])
      const plain = out
        .normalize('NFKC')
        .replaceAll(/[\u0660-\u0669]/g, (c) => String(c.charCodeAt(0) - 0x660))
      const runs = plain
        .split(/[\p{L}\n]+/u)
        .map((part) => part.replaceAll(/\D/g, ''))
        .filter((run) => run.length >= 6)
      const leaked = runs.filter((run) =>
        Array.from({ length: run.length - 5 }, (_, k) => run.slice(k, k + 6)).some((six) => tails.has(six)),
      )
      expect(leaked, names[i]!).toEqual([])
    }
  }
  for (const name of ['phone', 'mobileNumber', 'tel_no']) {
    const column = masked.columns[names.indexOf(name)]!
    expect(column.nullCount, name).toBe(ROWS)
    expect(
      column.values.every((byte) => byte === 0),
      name,
    ).toBe(true)
  }
  for (const cell of texts(masked.columns[names.indexOf('profile')]!)) {
    expect(JSON.parse(cell!)).toEqual({ id: 5, phone: '[PHONE]', e_mail: '[EMAIL]' })
  }
  expect(new Set(texts(masked.columns[names.indexOf('email')]!))).toEqual(new Set([null, '', '[EMAIL]']))
  const total = Object.values(report.columns).reduce(
    (sum, c) => sum + Object.values(c.hits).reduce((a, b) => a + b, 0),
    0,
  )
  expect(total).toBeGreaterThan(planted - 200)
  expect(report.residual).toMatchObject({ hits: 0, blocks: 1 })
})
