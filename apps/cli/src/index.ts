export {
  defineConfig,
  type EntrySettings,
  type MadeEntry,
  type NamedEntry,
  type OmniConfig,
} from './config/define.ts'
export type { ResultObject } from './view/result.ts'
