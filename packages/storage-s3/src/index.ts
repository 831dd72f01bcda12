export type { S3Options } from './options.ts'
export { s3 } from './storage.ts'
