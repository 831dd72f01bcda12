export type * from './columns.ts'
export type * from './contract.ts'
export {
  createCollector,
  defineSource,
  defineStorage,
  isCollector,
  isSource,
  isStorage,
  validate,
} from './define.ts'
export { causeOf, type Fault, type FaultInit, type FaultKind, fault, isFault, stopped } from './fault.ts'
export { createInbox, type Inbox, type InboxOptions } from './inbox.ts'
export type { StandardIssue, StandardJSONSchemaV1, StandardResult, StandardSchemaV1 } from './standard.ts'
export type * from './storage.ts'
