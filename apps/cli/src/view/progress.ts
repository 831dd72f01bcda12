import type { Out } from '../io.ts'
import { formatBytes, formatCount, formatDuration, plural } from './numbers.ts'
import { cut, printable } from './theme.ts'

/** Where a read is; numbers are totals of the stream so far. */
export interface Progress {
  readonly stream: string
  readonly rows: number
  readonly bytes: number
  readonly totalRows?: number
  readonly totalBytes?: number
  readonly masked: number
  readonly quarantined: number
}

/** Shows a collect while it runs. */
export interface ProgressView {
  update(progress: Progress): void
  /** A line that stays, above what is redrawn. */
  note(line: string): void
  /** Takes the redrawn lines away. */
  finish(): void
}

const REDRAW_MS = 100
const LINE_MS = 5_000
const BAR_CELLS = 24
const MAX_LINES = 6

/** Redraws in place on a terminal, at most ten times a second; elsewhere a line every five seconds. */
export function createProgressView(out: Out, now: () => number): ProgressView {
  return out.isTerminal ? createLiveView(out, now) : createLineView(out, now)
}

interface Seen {
  readonly startMs: number
  last: Progress
}

function createLiveView(out: Out, now: () => number): ProgressView {
  const streams = new Map<string, Seen>()
  let drawn = 0
  let drawnMs = 0
  let timer: NodeJS.Timeout | undefined

  const erase = (): string => (drawn === 0 ? '' : `\u001b[${drawn}A\u001b[0J`)
  const draw = (): void => {
    timer = undefined
    drawnMs = now()
    const seen = [...streams.values()]
    const shown = seen.slice(-MAX_LINES).map((item) => liveLine(item, seen.length > 1, out, now()))
    if (seen.length > MAX_LINES) shown.unshift(`… ${plural(seen.length - MAX_LINES, 'more stream')}`)
    out.write(`${erase()}${shown.map((line) => `${line}\n`).join('')}`)
    drawn = shown.length
  }
  return {
    update(progress) {
      const seen = streams.get(progress.stream)
      if (seen === undefined) streams.set(progress.stream, { startMs: now(), last: progress })
      else seen.last = progress
      const wait = drawnMs + REDRAW_MS - now()
      if (wait <= 0) {
        clearTimeout(timer)
        draw()
      } else {
        timer ??= setTimeout(draw, wait).unref()
      }
    },
    note(line) {
      out.write(`${erase()}${line}\n`)
      drawn = 0
      if (streams.size > 0) draw()
    },
    finish() {
      clearTimeout(timer)
      out.write(erase())
      drawn = 0
      streams.clear()
    },
  }
}

function liveLine(seen: Seen, named: boolean, out: Out, nowMs: number): string {
  const { last, startMs } = seen
  const { accent, dim } = out.theme
  const seconds = Math.max(0.001, (nowMs - startMs) / 1000)
  const share = shareOf(last)
  const facts = [`${formatCount(last.rows)} rows`, `${formatCount(Math.round(last.rows / seconds))}/s`]
  // First what a narrow terminal should still show.
  if (share !== undefined && share > 0.02) {
    facts.push(`${formatDuration((seconds * 1000 * (1 - share)) / share)} left`)
  }
  facts.push(formatBytes(last.bytes))
  if (last.masked > 0) facts.push(`${formatCount(last.masked)} masked`)
  if (last.quarantined > 0) facts.push(`${formatCount(last.quarantined)} quarantined`)
  const text = `${named ? `${cut(printable(last.stream), 20)}  ` : ''}${facts.join(' · ')}`
  if (share === undefined) return fit(text, out, dim)
  if (out.columns < BAR_CELLS + 40) return fit(`${Math.floor(share * 100)} % · ${text}`, out, dim)
  const full = Math.round(share * BAR_CELLS)
  const bar = accent('━'.repeat(full)) + dim('─'.repeat(BAR_CELLS - full))
  return `${bar} ${fit(`${String(Math.floor(share * 100)).padStart(3)} %  ${text}`, out, dim, BAR_CELLS + 1)}`
}

function shareOf(progress: Progress): number | undefined {
  const { rows, totalRows = 0, bytes, totalBytes = 0 } = progress
  if (totalBytes > 0) return Math.min(1, bytes / totalBytes)
  return totalRows > 0 ? Math.min(1, rows / totalRows) : undefined
}

function fit(text: string, out: Out, style: (text: string) => string, used = 0): string {
  return style(cut(text, Math.max(10, out.columns - used - 1)))
}

function createLineView(out: Out, now: () => number): ProgressView {
  let lastMs = now()
  return {
    update(progress) {
      if (now() - lastMs < LINE_MS) return
      lastMs = now()
      const share = shareOf(progress)
      const facts = [plural(progress.rows, 'row'), formatBytes(progress.bytes)]
      if (share !== undefined) facts.push(`${Math.floor(share * 100)} %`)
      if (progress.masked > 0) facts.push(`${formatCount(progress.masked)} masked`)
      if (progress.quarantined > 0) facts.push(`${formatCount(progress.quarantined)} quarantined`)
      out.write(`reading  ${printable(progress.stream)}: ${facts.join(', ')}\n`)
    },
    note: (line) => out.write(`${line}\n`),
    finish() {},
  }
}
