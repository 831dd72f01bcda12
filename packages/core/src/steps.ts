/** The numbered steps of a collect, in order; crash tests stop the process at each of them. */
export const STEP_NAMES = [
  'locked',
  'recovered',
  'staged',
  'planned',
  'chunk',
  'masked',
  'scanned',
  'digested',
  'encoded',
  'parts-synced',
  'quarantine-synced',
  'manifest-synced',
  'staging-synced',
  'renamed',
  'folder-synced',
  'record-appended',
  'line-appended',
  'head-replaced',
  'acknowledged',
  'lineage-written',
  'unlocked',
] as const

export type StepName = (typeof STEP_NAMES)[number]

/** Called at each step as it is done; a test ends the process in it. */
export type OnStep = (step: StepName) => void

/** The hidden constructor option that holds an {@link OnStep}. */
export const STEPS: unique symbol = Symbol.for('omni.steps') as never
