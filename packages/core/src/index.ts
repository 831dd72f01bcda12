export {
  normalizeBatch,
  parseType,
  rowAt,
  rowsOf,
  toArrow,
  toArrowTable,
  toIpc,
  typeToString,
  valueAt,
} from '@omni/arrow'
export * from '@omni/spec'
export { localObject } from './context/local-object.ts'
export type { Format, PartReceipt } from './encode/index.ts'
export type { CollectEvent } from './events.ts'
export type {
  Counts,
  Manifest,
  ManifestField,
  ManifestStream,
  PositionEntry,
} from './manifest/manifest.ts'
export type { ColumnMask, MaskAction, MaskPolicy, MaskReport, MaskRule } from './mask/index.ts'
export { maskText } from './mask/index.ts'
export {
  type DatasetInfo,
  OmniCollector,
  type OmniCollectorOptions,
  type SaveOptions,
  type SnapshotInfo,
} from './omni-collector.ts'
export type { CollectOptions, Plan, PlannedShare, PlannedStream } from './plan.ts'
export type { Preview } from './preview.ts'
export type { Json } from './redact/redactor.ts'
export type { Saveable } from './save/save-collector.ts'
export type { QuarantineRecord } from './snapshot/quarantine.ts'
export type { ArrowBatch, ArrowTable, Snapshot } from './snapshot/snapshot.ts'
export type { Finding } from './verify/finding.ts'
export type { VerifyReport } from './verify/verify.ts'
