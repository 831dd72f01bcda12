import type { People } from './people.ts'

/** A CSV of customers: personal data in columns of its own and in free text, quotes, commas, line breaks. */
export function customersCsv(people: People, rows: number): string {
  const lines = ['id,name,email,phone,plan,balance,since,note']
  for (let i = 0; i < rows; i++) {
    const { name, email, phone } = people.next()
    const other = people.next()
    const notes = [
      `Called back on ${other.phone}, wants an offer`,
      `Please write to ${other.email} instead; "urgent"`,
      `Two lines:\n${other.email}\nor ${other.phone}`,
      'Nothing special',
    ]
    const since = new Date(Date.UTC(2020, 0, 1 + (i % 1500))).toISOString().slice(0, 10)
    const cells = [
      `00${i}`,
      name,
      email,
      phone,
      ['basic', 'pro', ''][i % 3] ?? '',
      `${i}.${i % 10}0`,
      since,
      notes[i % 4] ?? '',
    ]
    lines.push(cells.map(quoted).join(','))
  }
  return `${lines.join('\n')}\n`
}

function quoted(cell: string): string {
  return /[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}

/** An application log, one JSON object a line, with personal data nested inside. */
export function logNdjson(people: People, rows: number): string {
  const lines = Array.from({ length: rows }, (_, i) => {
    const { email, phone } = people.next()
    return JSON.stringify({
      at: new Date(Date.UTC(2025, 4, 30, 0, 0, i)).toISOString(),
      level: ['info', 'warn', 'error'][i % 3],
      request_id: String(9_007_199_254_740_993n + BigInt(i)),
      user: { id: i, contact: email },
      message: i % 2 ? `login by ${email} failed` : `SMS sent to ${phone}`,
      url: `https://shop.example/account?mail=${encodeURIComponent(email)}`,
    })
  })
  return `${lines.join('\n')}\n`
}

/** Orders as the API answers them. */
export function orders(people: People, count: number): object[] {
  return Array.from({ length: count }, (_, i) => {
    const { name, email, phone } = people.next()
    return {
      order_id: 70_000 + i,
      placed: new Date(Date.UTC(2025, 5, 1, 8, i)).toISOString(),
      total: `${(i * 7) % 300}.95`,
      customer: { name, email, phones: [phone] },
      comment: i % 5 === 0 ? `Leave it with the neighbour, ${phone}` : null,
    }
  })
}

/** Readings of machines: numbers, and now and then who to call. */
export function telemetry(people: People, count: number): { topic: string; payload: string }[] {
  return Array.from({ length: count }, (_, i) => ({
    topic: `plant/line${i % 3}/temperature`,
    payload: JSON.stringify({
      celsius: 20 + (i % 17) / 4,
      seq: i,
      ...(i % 10 === 0 ? { operator: people.next().email } : {}),
    }),
  }))
}
