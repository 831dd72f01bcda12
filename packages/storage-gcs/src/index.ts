export type { GcsOptions } from './options.ts'
export { gcs } from './storage.ts'
