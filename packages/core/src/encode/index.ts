export type { Format } from './format.ts'
export type { PartReceipt } from './part-sink.ts'
export { createPartWriter, type PartWriterOptions } from './part-writer.ts'
export { storageFault } from './storage-fault.ts'
