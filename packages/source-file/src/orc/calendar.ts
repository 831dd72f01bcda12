/** 1582-10-15, the first day of the Gregorian calendar, in days since 1970-01-01. */
const GREGORIAN = -141_427

/**
 * The day of the proleptic Gregorian calendar with the same name as this day of the hybrid calendar, which is Julian
 * before 1582-10-15. The name is what the writer meant; 29 February of a year that has none becomes 1 March.
 */
export function fromHybrid(days: number): number {
  if (days >= GREGORIAN) return days
  // Days since 0000-03-01 of the Julian calendar, which is 719470 days before the epoch: four years have 1461.
  const shifted = days + 719_470
  const cycle = Math.floor(shifted / 1461)
  const inCycle = shifted - cycle * 1461
  const yearOfCycle = Math.min(3, Math.floor(inCycle / 365))
  const dayOfYear = inCycle - yearOfCycle * 365
  const year = cycle * 4 + yearOfCycle
  // The same month and day, from 1 March on, of the same year in the other calendar.
  const century = Math.floor(year / 100)
  const leapDays = Math.floor(year / 4) - century + Math.floor(year / 400)
  return year * 365 + leapDays + dayOfYear - 719_468
}
