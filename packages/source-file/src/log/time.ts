const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const LOCAL = /^(\d{2})\/([A-Z][a-z]{2})\/(\d{4}):(\d{2}):(\d{2}):(\d{2}) ([+-])(\d{2})(\d{2})$/
const ISO = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:([+-])(\d{2}):(\d{2})|Z)$/

/** Seconds since the epoch of `10/Oct/2000:13:55:36 -0700`; undefined where it is no time. */
export function parseLocalTime(text: string): bigint | undefined {
  const found = LOCAL.exec(text)
  if (!found) return undefined
  const [, day, month = '', year, hour, minute, second, sign, zoneHours, zoneMinutes] = found
  return secondsOf([year, MONTHS.indexOf(month) + 1, day, hour, minute, second], sign, zoneHours, zoneMinutes)
}

/** Seconds since the epoch of `2000-10-10T13:55:36-07:00`; undefined where it is no time. */
export function parseIsoTime(text: string): bigint | undefined {
  const found = ISO.exec(text)
  if (!found) return undefined
  const [, year, month, day, hour, minute, second, sign = '+', zoneHours = '0', zoneMinutes = '0'] = found
  return secondsOf([year, month, day, hour, minute, second], sign, zoneHours, zoneMinutes)
}

function secondsOf(
  parts: readonly (string | number | undefined)[],
  sign: string | undefined,
  zoneHours: string | undefined,
  zoneMinutes: string | undefined,
): bigint | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.map(Number)
  const milliseconds = Date.UTC(year, month - 1, day, hour, minute, second)
  const date = new Date(milliseconds)
  // A day that does not exist would become another; years before 100 too.
  const isReal =
    date.getUTCFullYear() === year &&
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    hour < 24 &&
    minute < 60 &&
    second < 60
  if (!isReal || Number(zoneMinutes) > 59) return undefined
  const zone = (Number(zoneHours) * 60 + Number(zoneMinutes)) * 60 * (sign === '-' ? -1 : 1)
  return BigInt(milliseconds / 1000 - zone)
}
