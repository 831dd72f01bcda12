import type { Format } from '../format.ts'

const MAGIC = 'SQLite format 3\0'

/** SQLite databases, read by `@omni/source-sqlite` where that is installed; https://www.sqlite.org/fileformat.html */
export const sqlite: Format = {
  name: 'sqlite',
  access: 'random',
  detect: ({ bytes }) => (Buffer.from(bytes.subarray(0, 16)).toString('latin1') === MAGIC ? 1 : 0),
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
