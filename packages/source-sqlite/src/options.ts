import { z } from 'zod'

/** What is read of a database. */
export interface SqliteOptions {
  /** Local path, or `sqlite:///relative.db`, `sqlite:////absolute.db`. */
  readonly path: string
  /** Tables and views to read. Default: all. */
  readonly tables?: readonly string[] | undefined
  /** One SELECT instead of tables. */
  readonly query?: string | undefined
}

/** Options as a person writes them: only the path is required. */
export type SqliteInput = Pick<SqliteOptions, 'path'> & {
  readonly [Name in keyof SqliteOptions]?: SqliteOptions[Name] | undefined
}

/** Validates {@link SqliteOptions}; flags and help are generated from its JSON Schema. */
export const options: z.ZodType<SqliteOptions, SqliteInput> = z
  .strictObject({
    path: z
      .string()
      .min(1)
      .describe('Path of the database file, or sqlite:///relative.db, sqlite:////absolute.db.'),
    tables: z.array(z.string().min(1)).min(1).optional().describe('Tables and views to read. Default: all.'),
    query: z.string().min(1).optional().describe('One SELECT to read instead of tables.'),
  })
  .refine(({ tables, query }) => tables === undefined || query === undefined, {
    path: ['query'],
    error: 'Give tables or a query, not both.',
  })

/** The file of a locator: SQLAlchemy's form has three slashes before a relative path, and four before an absolute one. */
export function fileOf(path: string): string {
  const url = /^sqlite3?:\/\/(?:localhost)?\/(.*)$/is.exec(path)
  return url ? decodeURIComponent((url[1] as string).replace(/\?.*$/s, '')) : path
}
