// What the author of a storage builds on: `@omni/spec/storage-kit`.
export {
  type CommonFaults,
  commonFaults,
  connectionFault,
  createFaultOf,
  faultOfRow,
  rangesFault,
  type StoreFailure,
  type StoreFault,
  type StoreFaultRules,
  statusFault,
} from './faults.ts'
export { readKey, writeKey } from './keys.ts'
export { inLanes } from './lanes.ts'
export {
  type AskPage,
  folderInfo,
  infoOf,
  isAnythingBelow,
  isFolderMarker,
  type KeyAddress,
  type KeyPage,
  type Listed,
  listKeys,
} from './list.ts'
export {
  createStoredObject,
  type ObjectMethods,
  rangeHeader,
  type TransferConfig,
  type TransferOptions,
  wholeSize,
  withDeadline,
} from './object.ts'
export { createOnce, type Once } from './once.ts'
export { createPartUpload, type PartUploadOptions, type PartWriter } from './parts.ts'
export { changed, type OpenedRange, type RangedReader, type RangeRequest, readRanges } from './ranges.ts'
