export { type Check, Violation } from './conformance/check.ts'
export { CHECKS, type Outcome, runCheck, runChecks } from './conformance/suite.ts'
export { type Expected, LIMITS, type World } from './conformance/world.ts'
export {
  type AcquireOptions,
  acquire,
  type Need,
  type NoServer,
  releaseAll,
  type Server,
  type ServerName,
  type ServerProcess,
} from './servers/acquire.ts'
export { failureOf, openStore, type StorageCheck, storageContext } from './storage/check.ts'
export {
  type FaultProxy,
  type ProxiedRequest,
  type ProxyAnswer,
  type ProxyFault,
  startFaultProxy,
} from './storage/proxy.ts'
export { runStorageCheck, STORAGE_CHECKS } from './storage/suite.ts'
export type { BrokenPlace, StorageWorld } from './storage/world.ts'
