import type { Format } from '../format.ts'

/** SQLite databases, read by `@omni/source-sqlite` where that is installed; https://www.sqlite.org/fileformat.html */
export const sqlite: Format = {
  access: 'random',
  async tables(input, options) {
    const { sqliteTables } = await import('./read.ts')
    return sqliteTables(input, options)
  },
  describe: () => ({ notes: ['read by @omni/source-sqlite'] }),
  async *decode(input, _options, request) {
    const { readTable } = await import('./read.ts')
    yield* readTable(input, request)
  },
}
