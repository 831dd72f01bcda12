/** What the numbers of a cell are, by its number format. */
export type StyleClass = 'number' | 'date' | 'time' | 'duration' | 'text'

/** The number formats that a file names by number only, ECMA-376 part 1, 18.8.30. */
const BUILT_IN: Readonly<Record<number, string>> = {
  0: 'General',
  1: '0',
  2: '0.00',
  3: '#,##0',
  4: '#,##0.00',
  5: '"$"#,##0_);\\("$"#,##0\\)',
  6: '"$"#,##0_);[Red]\\("$"#,##0\\)',
  7: '"$"#,##0.00_);\\("$"#,##0.00\\)',
  8: '"$"#,##0.00_);[Red]\\("$"#,##0.00\\)',
  9: '0%',
  10: '0.00%',
  11: '0.00E+00',
  12: '# ?/?',
  13: '# ??/??',
  14: 'm/d/yy',
  15: 'd-mmm-yy',
  16: 'd-mmm',
  17: 'mmm-yy',
  18: 'h:mm AM/PM',
  19: 'h:mm:ss AM/PM',
  20: 'h:mm',
  21: 'h:mm:ss',
  22: 'm/d/yy h:mm',
  27: 'yyyy"年"m"月"',
  30: 'm-d-yy',
  31: 'yyyy"年"m"月"d"日"',
  32: 'h"时"mm"分"',
  33: 'h"时"mm"分"ss"秒"',
  36: 'yyyy"年"m"月"',
  37: '#,##0_);\\(#,##0\\)',
  38: '#,##0_);[Red]\\(#,##0\\)',
  39: '#,##0.00_);\\(#,##0.00\\)',
  40: '#,##0.00_);[Red]\\(#,##0.00\\)',
  41: '_(* #,##0_);_(* \\(#,##0\\);_(* "-"_);_(@_)',
  42: '_("$"* #,##0_);_("$"* \\(#,##0\\);_("$"* "-"_);_(@_)',
  43: '_(* #,##0.00_);_(* \\(#,##0.00\\);_(* "-"??_);_(@_)',
  44: '_("$"* #,##0.00_);_("$"* \\(#,##0.00\\);_("$"* "-"??_);_(@_)',
  45: 'mm:ss',
  46: '[h]:mm:ss',
  47: 'mm:ss.0',
  48: '##0.0E+0',
  49: '@',
  50: 'yyyy"年"m"月"',
  57: 'yyyy"年"m"月"',
}

/** The code of a number format that the file only numbers. */
export function builtInCode(id: number): string {
  return BUILT_IN[id] ?? 'General'
}

/** Text in quotes, escaped, padded or filled: `"kg"`, `\d`, `_)`, `* `. */
const LITERAL = /"[^"]*"?|\\.|_.|\*./gs

/** Whether numbers of this format are dates, times of day, durations or just numbers; by its first section. */
export function classOf(code: string): StyleClass {
  if (code === 'General' || code === '' || /^general$/i.test(code)) return 'number'
  const first = firstSection(code)
  if (/\[(?:h+|m+|s+)\]/i.test(first)) return 'duration'
  const bare = first.replace(/\[[^\]]*\]/g, '')
  if (/general/i.test(bare)) return 'number'
  const marks = bare.replace(/am\/pm|a\/p/gi, 'h')
  const hasTime = /[hs]/i.test(marks)
  // `m` is a month unless hours or seconds stand beside it; `e`, `g` and `b` are years of Asian calendars.
  if (/[yd]/i.test(marks) || /(?:^|[^#0?.,])e(?![+-])|[gb]/i.test(marks)) return 'date'
  if (hasTime) return 'time'
  if (/m/i.test(marks)) return 'date'
  return bare.trim() === '@' ? 'text' : 'number'
}

function firstSection(code: string): string {
  const plain = code.replace(LITERAL, '')
  const at = plain.indexOf(';')
  return at < 0 ? plain : plain.slice(0, at)
}
