import { detectArrow } from './arrow/detect.ts'
import { detectAvro } from './avro/detect.ts'
import { detectCsv } from './csv/detect.ts'
import { fileFault } from './errors.ts'
import { detectExcel } from './excel/detect.ts'
import type { FormatRow, Head } from './format.ts'
import { detectHtml } from './html/detect.ts'
import { scoreJson } from './json/detect.ts'
import { detectLog } from './log/detect.ts'
import { byMagic } from './magic.ts'
import type { FileOptions } from './options.ts'
import { detectOrc } from './orc/detect.ts'
import { detectXml } from './xml/detect.ts'

/** Every format, the surer detection first. What reads it is loaded when it is chosen: a file needs one of them. */
const FORMATS: readonly FormatRow[] = [
  {
    name: 'parquet',
    detect: byMagic('PAR1', 'PARE'),
    load: async () => (await import('./parquet/index.ts')).parquet,
  },
  { name: 'excel', detect: detectExcel, load: async () => (await import('./excel/index.ts')).excel },
  { name: 'orc', detect: detectOrc, load: async () => (await import('./orc/index.ts')).orc },
  { name: 'arrow', detect: detectArrow, load: async () => (await import('./arrow/index.ts')).arrow },
  {
    name: 'sqlite',
    detect: byMagic('SQLite format 3\0'),
    load: async () => (await import('./sqlite/index.ts')).sqlite,
  },
  { name: 'html', detect: detectHtml, load: async () => (await import('./html/index.ts')).html },
  { name: 'xml', detect: detectXml, load: async () => (await import('./xml/index.ts')).xml },
  { name: 'avro', detect: detectAvro, load: async () => (await import('./avro/index.ts')).avro },
  {
    name: 'ndjson',
    detect: (head, fileName) => scoreJson(head, fileName).ndjson,
    load: async () => (await import('./ndjson/index.ts')).ndjson,
  },
  {
    name: 'json',
    detect: (head, fileName) => scoreJson(head, fileName).json,
    load: async () => (await import('./json/index.ts')).json,
  },
  { name: 'log', detect: detectLog, load: async () => (await import('./log/index.ts')).log },
  // Only when it is asked for: text with aligned columns may be anything.
  { name: 'fixed', detect: () => 0, load: async () => (await import('./fixed/index.ts')).fixed },
  { name: 'csv', detect: detectCsv, load: async () => (await import('./csv/index.ts')).csv },
]

/** Below this, a detection is a guess that nobody should build on. */
const SURE = 0.2

/** From here on the others are not asked: sniffing CSV takes its time. */
const CERTAIN = 0.95

/** First bytes of files that are known and not read, for the message. */
const KNOWN: readonly (readonly [string, string])[] = [
  ['%PDF-', 'a PDF document'],
  ['\x89PNG', 'a PNG image'],
  ['\xff\xd8\xff', 'a JPEG image'],
  ['\x7fELF', 'a program'],
]

/** Options that other formats know nothing of: with those they would do nothing, so they are refused. */
const OWN_OPTIONS: readonly { readonly option: keyof FileOptions; readonly formats: readonly string[] }[] = [
  { option: 'columns', formats: ['parquet', 'orc', 'arrow'] },
  { option: 'rowGroups', formats: ['parquet'] },
  { option: 'table', formats: ['sqlite', 'html'] },
  { option: 'widths', formats: ['fixed'] },
  { option: 'pattern', formats: ['log'] },
  { option: 'stripes', formats: ['orc'] },
  { option: 'writerZone', formats: ['orc'] },
  { option: 'sheet', formats: ['excel'] },
  { option: 'cells', formats: ['excel'] },
]

/** The format that the options name, or that the bytes look most like; else a fault that says what was seen. */
export function chooseFormat(head: Head, fileName: string, options: FileOptions): FormatRow {
  const format = findFormat(head, fileName, options)
  for (const { option, formats } of OWN_OPTIONS) {
    if (options[option] !== undefined && !formats.includes(format.name)) {
      throw fileFault(
        'file.option.unneeded',
        `The option ${option} was given, and the format is ${format.name}.`,
      )
    }
  }
  return format
}

function rowOf(name: FormatRow['name']): FormatRow {
  return FORMATS.find((row) => row.name === name) as FormatRow
}

function findFormat(head: Head, fileName: string, options: FileOptions): FormatRow {
  if (options.format !== 'auto') {
    // TSV is CSV with a tab; csv/ looks at the option itself.
    const name = options.format === 'tsv' ? 'csv' : options.format
    if (options.records !== undefined && name !== 'json' && name !== 'xml') {
      throw fileFault('file.records.unneeded', `A path to the records was given, and the format is ${name}.`)
    }
    return rowOf(name)
  }
  if (options.widths !== undefined) return rowOf('fixed')
  if (options.pattern !== undefined) return rowOf('log')
  if (options.records !== undefined) {
    const found = [rowOf('xml'), rowOf('json')].find((format) => format.detect(head, fileName) > SURE)
    if (found) return found
    throw fileFault(
      'file.records.unneeded',
      'A path to the records was given, and the file is neither JSON nor XML.',
    )
  }
  const start = Buffer.from(head.bytes.subarray(0, 32)).toString('latin1')
  const known = KNOWN.find(([magic]) => start.toLowerCase().startsWith(magic.toLowerCase()))
  if (known && detectExcel(head) < CERTAIN) {
    throw fileFault('file.format.unknown', `The file is ${known[1]}, which is not read.`)
  }
  let best: FormatRow | undefined
  let bestScore = SURE
  for (const format of FORMATS) {
    if (bestScore >= CERTAIN) break
    const score = format.detect(head, fileName)
    if (score > bestScore) {
      best = format
      bestScore = score
    }
  }
  if (best) return best
  const isBinary = head.bytes.includes(0)
  const why = isBinary
    ? 'The file holds binary data of a kind that is not known.'
    : 'The file holds text, and nothing in it looks like a format that is read.'
  throw fileFault('file.format.unknown', why)
}
