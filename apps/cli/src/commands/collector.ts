import type { Collector } from '@omni/core'
import type { Invocation } from './invocation.ts'
import { missingTarget } from './missing.ts'

/** The configured source of a call that must have one. */
export function collectorOf(call: Invocation): Collector {
  if (call.collector === undefined) throw missingTarget()
  return call.collector
}
