export type { SqliteInput, SqliteOptions } from './options.ts'
export { sqlite } from './source.ts'
