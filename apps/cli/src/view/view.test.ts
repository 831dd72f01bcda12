import { expect, it, vi } from 'vitest'
import type { Out } from '../io.ts'
import { printJson } from './json.ts'
import { formatBytes, formatCount, formatDuration } from './numbers.ts'
import { createProgressView } from './progress.ts'
import { formatTable } from './table.ts'
import { createTheme, cut, printable, wantsColours, widthOf, wrap } from './theme.ts'

function sink(isTerminal: boolean, columns = 80): Out & { text: string } {
  return {
    text: '',
    isTerminal,
    columns,
    theme: createTheme(false),
    write(more) {
      this.text += more
    },
  }
}

it('measures and cuts by terminal cells', () => {
  expect(widthOf('日本')).toBe(4)
  expect(widthOf('\u001b[31mred\u001b[0m')).toBe(3)
  expect(cut('日本語', 5)).toBe('日本…')
  expect(cut('abc', 3)).toBe('abc')
})

it('wraps at spaces', () => {
  expect(wrap('one two three-is-long four', 8)).toEqual(['one two', 'three-is-long', 'four'])
})

it('makes text from outside one harmless line', () => {
  expect(printable('a\u001b[2Jb\nc\u202ed')).toBe('a·[2Jb⏎c·d')
})

it('follows NO_COLOR and FORCE_COLOR', () => {
  expect(wantsColours({ isTTY: true }, {})).toBe(true)
  expect(wantsColours({ isTTY: true }, { NO_COLOR: '1' })).toBe(false)
  expect(wantsColours({}, { FORCE_COLOR: '1' })).toBe(true)
  expect(wantsColours({ isTTY: true }, { TERM: 'dumb' })).toBe(false)
})

it('formats numbers', () => {
  expect(formatCount(104876).replace(/\s/g, ' ')).toBe('104 876')
  expect([0, 1023, 1536, 1024 ** 3].map(formatBytes)).toEqual(['0 B', '1023 B', '1.5 KiB', '1.0 GiB'])
  expect([12, 2_400, 185_000, 7_440_000].map(formatDuration)).toEqual([
    '12 ms',
    '2.4 s',
    '3 min 5 s',
    '2 h 4 min',
  ])
})

it('cuts only columns that allow it to the width of the terminal', () => {
  const lines = formatTable(
    [{ title: 'id' }, { title: 'text', min: 5 }, { title: 'n', right: true }],
    [['a1', 'a long text that does not fit', '7']],
    20,
    createTheme(false),
  )
  for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(20)
  expect(lines[1]).toMatch(/^a1 {2}a long.*… {2}7$/)
})

it('prints bigints and bytes for a program without loss', () => {
  const out = sink(false)
  printJson(out, 'ndjson', [{ a: 12345678901234567890n, b: new Uint8Array([1, 2]) }, { a: 1 }])
  expect(out.text).toBe('{"a":"12345678901234567890","b":"AQI="}\n{"a":1}\n')
})

it('redraws at most ten times a second and leaves nothing on the screen', () => {
  vi.useFakeTimers()
  const out = sink(true)
  const view = createProgressView(out, Date.now)
  for (let i = 0; i < 1000; i++) {
    view.update({ stream: 's', rows: i, bytes: i, totalBytes: 2000, masked: 0, quarantined: 0 })
    vi.advanceTimersByTime(1)
  }
  const draws = out.text.split('rows').length - 1
  expect(draws).toBeGreaterThanOrEqual(9)
  expect(draws).toBeLessThanOrEqual(11)
  view.finish()
  expect(out.text.endsWith('\u001b[1A\u001b[0J')).toBe(true)
  vi.useRealTimers()
})

it('keeps every redrawn line inside the terminal', () => {
  for (const columns of [20, 40, 64, 100]) {
    const out = sink(true, columns)
    const view = createProgressView(out, () => 5000)
    view.update({
      stream: 's',
      rows: 123456789,
      bytes: 123456789,
      totalBytes: 2e9,
      masked: 999999,
      quarantined: 5,
    })
    for (const line of out.text.split('\n')) expect(widthOf(line)).toBeLessThan(columns)
  }
})

it('writes a line every five seconds where nobody looks', () => {
  let now = 0
  const out = sink(false)
  const view = createProgressView(out, () => now)
  for (; now < 21_000; now += 500)
    view.update({ stream: 's', rows: now, bytes: 1, masked: 2, quarantined: 0 })
  expect(out.text.trimEnd().split('\n')).toHaveLength(4)
  expect(out.text).not.toContain('\u001b')
})
