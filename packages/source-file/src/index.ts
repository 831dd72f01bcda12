export type { FileInput, FileOptions } from './options.ts'
export { file } from './source.ts'
