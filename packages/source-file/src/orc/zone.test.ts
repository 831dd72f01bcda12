import { describe, expect, it } from 'vitest'
import { fromHybrid } from './calendar.ts'
import { createZone } from './zone.ts'

const at = (text: string): number => Date.parse(text) / 1000

describe('createZone', () => {
  it('knows summer time, history, and years far away', () => {
    const pacific = createZone('America/Los_Angeles', false)
    expect(pacific.offsetAt(at('2015-01-01T08:00:00Z'))).toBe(-8 * 3600)
    expect(pacific.offsetAt(at('2015-03-08T09:59:59Z'))).toBe(-8 * 3600)
    expect(pacific.offsetAt(at('2015-03-08T10:00:00Z'))).toBe(-7 * 3600)
    expect(pacific.offsetAt(at('2015-11-01T08:59:59Z'))).toBe(-7 * 3600)
    expect(pacific.offsetAt(at('2015-11-01T09:00:00Z'))).toBe(-8 * 3600)
    expect(pacific.offsetAt(at('1943-06-01T00:00:00Z'))).toBe(-7 * 3600)
    expect(pacific.offsetAt(at('2999-07-01T00:00:00Z'))).toBe(-7 * 3600)
    expect(createZone('Asia/Kathmandu', false).offsetAt(at('1985-12-31T00:00:00Z'))).toBe(5.5 * 3600)
    expect(createZone('Pacific/Apia', false).offsetAt(at('2011-12-30T10:00:00Z'))).toBe(14 * 3600)
  })

  it('agrees with a plain look-up at every hour of eventful years', () => {
    for (const [name, year] of [
      ['Europe/Berlin', 1945],
      ['Africa/Casablanca', 2024],
      ['America/New_York', 1918],
    ] as const) {
      const zone = createZone(name, false)
      const format = new Intl.DateTimeFormat('sv', {
        timeZone: name,
        dateStyle: 'short',
        timeStyle: 'medium',
      })
      for (let hour = 0; hour < 366 * 24; hour += 7) {
        const instant = Date.UTC(year, 0, 1) / 1000 + hour * 3600
        const wall = Date.parse(`${format.format(instant * 1000).replace(' ', 'T')}Z`) / 1000
        expect(zone.offsetAt(instant)).toBe(wall - instant)
      }
    }
  })

  it('reads the years before 1900 as Java wrote them, and as everyone else', () => {
    expect(createZone('Europe/Amsterdam', true).offsetAt(at('1850-06-01T00:00:00Z'))).toBe(3600)
    expect(createZone('Europe/Amsterdam', false).offsetAt(at('1830-06-01T00:00:00Z'))).toBeLessThan(1200)
  })

  it('takes fixed offsets, and refuses what is no zone', () => {
    expect(createZone('GMT+05:30', true).offsetAt(0)).toBe(19_800)
    expect(createZone('UTC', true).offsetAt(-5e10)).toBe(0)
    expect(() => createZone('Mars/Olympus', true)).toThrow(/not known/)
  })
})

describe('fromHybrid', () => {
  const day = (text: string): number => Date.parse(text) / 86_400_000

  it('keeps the name of days before 1582-10-15', () => {
    // 1582-10-04 (Julian) is the day before 1582-10-15 (Gregorian).
    expect(fromHybrid(day('1582-10-15T00:00:00Z') - 1)).toBe(day('1582-10-04T00:00:00Z'))
    expect(fromHybrid(day('1582-10-15T00:00:00Z'))).toBe(day('1582-10-15T00:00:00Z'))
    // 0001-01-01 of the Julian calendar is two days before that of the Gregorian.
    expect(fromHybrid(day('0001-01-01T00:00:00Z') - 2)).toBe(day('0001-01-01T00:00:00Z'))
    // 1500-03-01 (Julian) is 1500-03-11 (Gregorian); the day before has no name there.
    expect(fromHybrid(day('1500-03-11T00:00:00Z'))).toBe(day('1500-03-01T00:00:00Z'))
    expect(fromHybrid(day('1500-03-10T00:00:00Z'))).toBe(day('1500-03-01T00:00:00Z'))
    expect(fromHybrid(day('1500-03-09T00:00:00Z'))).toBe(day('1500-02-28T00:00:00Z'))
  })
})
