import { arrow } from './arrow/index.ts'
import { avro } from './avro/index.ts'
import { csv } from './csv/index.ts'
import { fileFault } from './errors.ts'
import { excel } from './excel/index.ts'
import { fixed } from './fixed/index.ts'
import type { Format, Head } from './format.ts'
import { html } from './html/index.ts'
import { json } from './json/index.ts'
import { log } from './log/index.ts'
import { ndjson } from './ndjson/index.ts'
import type { FileOptions } from './options.ts'
import { orc } from './orc/index.ts'
import { parquet } from './parquet/index.ts'
import { sqlite } from './sqlite/index.ts'
import { xml } from './xml/index.ts'

/** Every format, the surer detection first. */
const FORMATS: readonly Format[] = [
  parquet,
  excel,
  orc,
  arrow,
  sqlite,
  html,
  xml,
  avro,
  ndjson,
  json,
  log,
  fixed,
  csv,
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
export function chooseFormat(head: Head, fileName: string, options: FileOptions): Format {
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

function findFormat(head: Head, fileName: string, options: FileOptions): Format {
  if (options.format !== 'auto') {
    // TSV is CSV with a tab; csv/ looks at the option itself.
    const name = options.format === 'tsv' ? 'csv' : options.format
    if (options.records !== undefined && name !== 'json' && name !== 'xml') {
      throw fileFault('file.records.unneeded', `A path to the records was given, and the format is ${name}.`)
    }
    return FORMATS.find((format) => format.name === name) as Format
  }
  if (options.widths !== undefined) return fixed
  if (options.pattern !== undefined) return log
  if (options.records !== undefined) {
    const found = [xml, json].find((format) => format.detect(head, fileName) > SURE)
    if (found) return found
    throw fileFault(
      'file.records.unneeded',
      'A path to the records was given, and the file is neither JSON nor XML.',
    )
  }
  const start = Buffer.from(head.bytes.subarray(0, 32)).toString('latin1')
  const known = KNOWN.find(([magic]) => start.toLowerCase().startsWith(magic.toLowerCase()))
  if (known && excel.detect(head, fileName) < CERTAIN) {
    throw fileFault('file.format.unknown', `The file is ${known[1]}, which is not read.`)
  }
  let best: Format | undefined
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
    : 'The file holds text, and nothing in it looks like CSV, TSV, JSON or NDJSON.'
  throw fileFault('file.format.unknown', why)
}
