export type { AzureOptions } from './options.ts'
export { azure } from './storage.ts'
