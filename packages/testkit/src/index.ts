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
} from './servers/acquire.ts'
