import { normalizeBatch, rowsOf } from '@omni/arrow'
import type { Row, StoredObject } from '@omni/spec'
import { excel } from '../src/excel/index.ts'
import { type FormatInput, HEAD_BYTES } from '../src/format.ts'
import { type FileInput, file } from '../src/index.ts'
import { LIMITS } from './world.ts'
import { zipOf } from './zip-writer.ts'

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const LINKS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006'

/** A workbook as a test writes it by hand. */
export interface HandmadeBook {
  /** What stands in `sheetData` of each sheet, by its name. */
  readonly sheets: Readonly<Record<string, string>>
  /** `si` elements. */
  readonly strings?: string
  /** Number format codes of the styles. */
  readonly formats?: readonly string[]
  /** Attributes of `workbookPr`. */
  readonly properties?: string
  /** Names of hidden sheets. */
  readonly hidden?: readonly string[]
  /** Parts that replace those made here, or are added. */
  readonly parts?: Readonly<Record<string, string | Buffer>>
}

/** The bytes of an .xlsx. */
export function bookOf({
  sheets,
  strings = '',
  formats = [],
  properties = '',
  hidden = [],
  parts = {},
}: HandmadeBook): Buffer {
  const names = Object.keys(sheets)
  const quoted = (text: string): string =>
    text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
  const files: Record<string, string | Buffer> = {
    '[Content_Types].xml': `<Types xmlns="${PACKAGE}/content-types"/>`,
    '_rels/.rels': `<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="r" Type="${LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/workbook.xml': `<workbook xmlns="${MAIN}" xmlns:r="${LINKS}"><workbookPr ${properties}/><sheets>${names
      .map(
        (name, i) =>
          `<sheet name="${quoted(name)}" sheetId="${i + 1}" r:id="s${i}"${hidden.includes(name) ? ' state="hidden"' : ''}/>`,
      )
      .join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships xmlns="${PACKAGE}/relationships">${names
      .map(
        (_, i) =>
          `<Relationship Id="s${i}" Type="${LINKS}/worksheet" Target="worksheets/sheet${i + 1}.xml"/>`,
      )
      .join(
        '',
      )}<Relationship Id="styles" Type="${LINKS}/styles" Target="styles.xml"/><Relationship Id="strings" Type="${LINKS}/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
    'xl/styles.xml': `<styleSheet xmlns="${MAIN}"><numFmts>${formats
      .map((code, i) => `<numFmt numFmtId="${200 + i}" formatCode="${quoted(code)}"/>`)
      .join(
        '',
      )}</numFmts><cellXfs><xf numFmtId="0"/>${formats.map((_, i) => `<xf numFmtId="${200 + i}"/>`).join('')}</cellXfs></styleSheet>`,
    'xl/sharedStrings.xml': `<sst xmlns="${MAIN}">${strings}</sst>`,
    ...parts,
  }
  names.forEach((name, i) => {
    const part = `xl/worksheets/sheet${i + 1}.xml`
    files[part] ??= `<worksheet xmlns="${MAIN}"><sheetData>${sheets[name]}</sheetData></worksheet>`
  })
  return zipOf(files)
}

function objectOf(bytes: Uint8Array): StoredObject {
  return {
    head: () =>
      Promise.resolve({
        url: 'memory:',
        name: 'book',
        size: bytes.length,
        etag: '',
        modifiedMs: null,
        isFolder: false,
      }),
    async *stream({ start = 0, end = bytes.length } = {}) {
      yield bytes.subarray(start, end)
    },
    read: ({ start, end }) => Promise.resolve(bytes.subarray(start, end)),
    async *list() {},
  }
}

function inputOf(bytes: Uint8Array): FormatInput {
  const object = objectOf(bytes)
  return {
    open: () => object.stream(),
    object,
    size: bytes.length,
    fileName: 'book',
    head: { bytes: bytes.subarray(0, HEAD_BYTES), complete: bytes.length <= HEAD_BYTES },
    memo: new Map(),
  }
}

type Options = Omit<FileInput, 'path'>

/** The names of the tables of a workbook, with their notes. */
export async function tablesOf(bytes: Uint8Array, options: Options = {}): Promise<readonly string[]> {
  const tables = (await excel.tables?.(inputOf(bytes), file({ path: 'book', ...options }).options)) ?? []
  return tables.map(({ name, notes }) => `${name} (${notes?.join()})`)
}

export async function notesOf(bytes: Uint8Array, options: Options = {}): Promise<readonly string[]> {
  return (await excel.describe(inputOf(bytes), file({ path: 'book', ...options }).options)).notes
}

/** What the format alone makes of a workbook: types by column, rows, and how often it began again. */
export interface Decoded {
  readonly types: Readonly<Record<string, string>>
  readonly rows: readonly Row[]
  readonly restarts: number
}

export async function decodeBook(
  bytes: Uint8Array,
  options: Options = {},
  limits: Partial<typeof LIMITS> = {},
  limit?: number,
): Promise<Decoded> {
  const request = {
    limits: { ...LIMITS, ...limits },
    signal: new AbortController().signal,
    ...(limit === undefined ? {} : { limit }),
  }
  const rows: Row[] = []
  let types: Record<string, string> = {}
  let restarts = 0
  for await (const chunk of excel.decode(
    inputOf(bytes),
    file({ path: 'book', ...options }).options,
    request,
  )) {
    if ('restart' in chunk) {
      rows.length = 0
      restarts++
    } else if ('batch' in chunk) {
      const batch = await normalizeBatch(chunk.batch)
      if (batch.rows > request.limits.chunkRows)
        throw new Error('a batch has more rows than the limits allow')
      types = Object.fromEntries(batch.schema.fields.map(({ name, type }) => [name, type.kind]))
      rows.push(...rowsOf(batch))
    }
  }
  return { types, rows, restarts }
}
