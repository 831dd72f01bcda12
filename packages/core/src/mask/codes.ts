// Country calling codes and plausible lengths of the national significant number, from ITU-T E.164 and its
// national numbering plans (https://www.itu.int/oth/T0202.aspx?parent=T0202). Lengths are generous.

/** `code:min-max`; codes of three digits that are not listed here take 5 to 12. */
const LENGTHS =
  '1:10-10 7:10-10 20:8-10 27:9-9 30:10-10 31:9-11 32:8-9 33:9-9 34:9-9 36:8-9 39:6-12 40:9-9 41:9-12 43:4-13 ' +
  '44:7-10 45:8-8 46:7-13 47:5-8 48:9-9 49:5-13 51:8-11 52:10-11 53:6-8 54:10-11 55:10-11 56:8-9 57:8-10 58:10-10 ' +
  '60:7-10 61:5-10 62:7-13 63:8-10 64:7-10 65:8-12 66:8-9 81:9-11 82:8-11 84:7-11 86:5-12 90:10-10 91:8-11 ' +
  '92:8-12 93:9-9 94:9-9 95:7-10 98:6-10'
const THREE =
  '211 212 213 216 218 220 221 222 223 224 225 226 227 228 229 230 231 232 233 234 235 236 237 238 239 240 241 ' +
  '242 243 244 245 246 247 248 249 250 251 252 253 254 255 256 257 258 260 261 262 263 264 265 266 267 268 269 ' +
  '290 291 297 298 299 350 351 352 353 354 355 356 357 358 359 370 371 372 373 374 375 376 377 378 379 380 381 ' +
  '382 383 385 386 387 389 420 421 423 500 501 502 503 504 505 506 507 508 509 590 591 592 593 594 595 596 597 ' +
  '598 599 670 672 673 674 675 676 677 678 679 680 681 682 683 685 686 687 688 689 690 691 692 800 808 850 852 ' +
  '853 855 856 870 878 880 881 882 883 886 888 960 961 962 963 964 965 966 967 968 970 971 972 973 974 975 976 ' +
  '977 979 992 993 994 995 996 998'

/** `min * 16 + max` digits after the code, at index code; 0 where no country has it. */
const PLAN: Uint8Array = plan()

function plan(): Uint8Array {
  const table = new Uint8Array(1000)
  for (const code of THREE.split(' ')) table[Number(code)] = 5 * 16 + 12
  for (const row of LENGTHS.split(' ')) {
    const [code, range] = row.split(':') as [string, string]
    const [min, max] = range.split('-').map(Number) as [number, number]
    table[Number(code)] = min * 16 + max
  }
  return table
}

/** Digits of a whole international number, code included, as `min * 16 + max`; 0 when the code is unknown. */
export function internationalLength(d1: number, d2: number, d3: number): number {
  for (let size = 1; size <= 3; size++) {
    const code = size === 1 ? d1 : size === 2 ? d1 * 10 + d2 : d1 * 100 + d2 * 10 + d3
    const found = size === 1 || code >= 10 ** (size - 1) ? PLAN[code]! : 0
    if (found > 0) return ((found >> 4) + size) * 16 + Math.min(15, (found & 15) + size)
  }
  return 0
}

/**
 * Mobile numbers with country code and without a plus, as systems store them (MSISDN): code, first digits,
 * digits in all. A bare run of digits is taken for a phone number only in these forms.
 */
const MSISDN =
  '4915:12-13 4916:12-13 4917:12-13 447:12-12 336:11-11 337:11-11 346:11-11 347:11-11 393:12-12 316:11-11 324:11-11 ' +
  '417:11-11 436:11-14 467:11-11 479:10-10 474:10-10 3519:12-12 3538:12-12 486:11-11 485:11-11 487:11-11 488:11-11 ' +
  '4207:12-12 4206:12-12 905:12-12 916:12-12 917:12-12 918:12-12 919:12-12 861:13-13 614:11-11 79:11-11 628:11-14 ' +
  '8170:12-12 8180:12-12 8190:12-12 8210:12-12 276:11-11 277:11-11 278:11-11 2347:13-13 2348:13-13 2349:13-13 2547:12-12 ' +
  '9715:12-12 9665:12-12 201:12-12 9725:12-12 554:13-13 551:13-13 552:13-13 521:13-13 549:13-13 569:11-11 573:12-12 ' +
  '639:12-12 601:11-12 668:11-11 669:11-11 849:11-11 659:10-10 3069:12-12 3584:12-13 3585:12-12 4520:10-10 4915:12-13'

const MOBILE: ReadonlyMap<number, number> = new Map(
  MSISDN.split(' ').map((row) => {
    const [prefix, range] = row.split(':') as [string, string]
    const [min, max] = range.split('-').map(Number) as [number, number]
    return [Number(prefix), min * 16 + max]
  }),
)

/** True when a bare run of digits has the form of a mobile number with its country code. */
export function isMobileRun(digits: Uint8Array, at: number, count: number): boolean {
  let prefix = 0
  for (let i = 0; i < 4; i++) {
    prefix = prefix * 10 + digits[at + i]!
    const range = i > 0 ? MOBILE.get(prefix) : undefined
    if (range !== undefined && count >= range >> 4 && count <= (range & 15)) return true
  }
  return false
}
