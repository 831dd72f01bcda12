import type { Format } from '../format.ts'
export const parquet: Format = { name: 'parquet', detect: () => 0, describe: () => ({ notes: [] }), async *decode() {} }
