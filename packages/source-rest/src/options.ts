import { z } from 'zod'
import { explainPath } from './records.ts'

type Scalar = string | number | boolean

/** Options of `rest()`, as they are written. */
export interface RestOptions {
  /** The endpoint. */
  readonly url: string
  /** Query parameters. */
  readonly params?: Readonly<Record<string, Scalar | readonly Scalar[]>>
  /** Headers; each value is a secret. */
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as `Authorization: Bearer …`. */
  readonly token?: string
  /** Where the records are: JSONPath, or names with dots. */
  readonly records?: string
  /** Default auto: `Link: rel=next`, then a next address in the body at a well-known place. */
  readonly paging?: 'auto' | 'none' | 'link' | 'cursor' | 'page' | 'offset'
  /** Where the cursor is, and the parameter that takes it; without `param` it is an address. */
  readonly cursor?: { readonly path: string; readonly param?: string }
  /** Names of the parameters of `page` and `offset` paging. */
  readonly page?: { readonly param?: string; readonly start?: number; readonly sizeParam?: string }
  /** Records to ask for in one page. */
  readonly pageRows?: number
  readonly maxPages?: number
  /** Attempts after the first. Default 5. */
  readonly retries?: number
  /** Longest `Retry-After` to wait for, in milliseconds. Default 120,000. */
  readonly maxRetryAfterMs?: number
  /** Milliseconds without a byte. Default 30,000. */
  readonly timeoutMs?: number
  /** Largest page, decoded. Default 128 MiB. */
  readonly maxBytes?: number
}

type Defaulted = 'params' | 'headers' | 'paging' | 'retries' | 'maxRetryAfterMs' | 'timeoutMs' | 'maxBytes'

/** Options with their defaults. */
export interface RestSettings
  extends Omit<RestOptions, Defaulted | 'page'>,
    Required<Pick<RestOptions, Defaulted>> {
  readonly page: { readonly param?: string; readonly start?: number; readonly sizeParam: string }
}

/** Checked where it stands, so that every wrong option is named at once. */
const path = z.string().superRefine((text, ctx) => {
  const why = explainPath(text)
  if (why !== undefined) ctx.addIssue({ code: 'custom', message: why })
})
const headers = z.record(z.string(), z.string()).superRefine((record, ctx) => {
  for (const [name, value] of Object.entries(record)) {
    try {
      new Headers([[name, value]])
    } catch {
      ctx.addIssue({ code: 'custom', path: [name], message: 'is no valid header' })
    }
  }
})
const scalar = z.union([z.string(), z.number(), z.boolean()])

const shape = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe('Address of the endpoint: https://api.example.com/v1/users.'),
  params: z
    .record(z.string(), z.union([scalar, z.array(scalar)]))
    .default({})
    .describe('Query parameters; a list repeats the parameter.'),
  headers: headers.default({}).describe('Headers, as in x-api-key. Values are secrets.'),
  token: z.string().min(1).optional().describe('Sent as "Authorization: Bearer <token>".'),
  records: path
    .optional()
    .describe('Where the records are: JSONPath ($.data.items) or names with dots (data.items).'),
  paging: z
    .enum(['auto', 'none', 'link', 'cursor', 'page', 'offset'])
    .optional()
    .describe('How pages follow each other; auto: Link header, then a next address in the body.'),
  cursor: z
    .strictObject({
      path: path.describe('Where the cursor of the next page is in the answer.'),
      param: z
        .string()
        .min(1)
        .optional()
        .describe('Parameter that takes it; without it the cursor is an address.'),
    })
    .optional()
    .describe('Cursor paging.'),
  page: z
    .strictObject({
      param: z.string().min(1).optional().describe('Parameter for the number: page or offset by default.'),
      start: z.int().min(0).optional().describe('Number of the first page (1) or row (0).'),
      sizeParam: z.string().min(1).default('limit').describe('Parameter that takes pageRows.'),
    })
    .default({ sizeParam: 'limit' })
    .describe('Names for page and offset paging.'),
  pageRows: z.int().min(1).optional().describe('Records to ask for in one page.'),
  maxPages: z.int().min(1).optional().describe('Read no more pages than this.'),
  retries: z.int().min(0).max(100).default(5).describe('Attempts after the first.'),
  maxRetryAfterMs: z
    .int()
    .min(0)
    .default(120_000)
    .describe('Longest Retry-After to wait for, in milliseconds.'),
  timeoutMs: z.int().min(1).default(30_000).describe('Give up after so many milliseconds without a byte.'),
  maxBytes: z.int().min(1).default(134_217_728).describe('Largest page in bytes, decoded.'),
})

/** Validates options. The cast is for zod's optional properties, which also take undefined. */
export const optionsSchema: z.ZodType<RestSettings, RestOptions> = shape
  .superRefine(({ paging, cursor }, ctx) => {
    if (paging === 'cursor' && cursor === undefined)
      ctx.addIssue({ code: 'custom', path: ['cursor'], message: 'name the path of the cursor' })
    if (cursor !== undefined && paging !== undefined && paging !== 'cursor')
      ctx.addIssue({ code: 'custom', path: ['paging'], message: 'is cursor where `cursor` is given' })
  })
  .transform(({ paging, ...options }) => ({
    ...options,
    paging: paging ?? (options.cursor === undefined ? 'auto' : 'cursor'),
  })) as unknown as z.ZodType<RestSettings, RestOptions>
