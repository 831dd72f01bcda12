export { createMasker, type Masker } from './masker.ts'
export { columnPaths } from './nodes.ts'
export {
  type ColumnMask,
  DEFAULT_POLICY,
  type MaskAction,
  type MaskPolicy,
  type MaskReport,
  type MaskRule,
} from './policy.ts'
export { createTextMasker, maskText } from './text.ts'
