export type { RestOptions } from './options.ts'
export { rest } from './source.ts'
