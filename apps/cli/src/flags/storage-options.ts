import type { Storage } from '@omni/core'
import { flagsOfSource } from './from-schema.ts'
import { createFlagValues } from './values.ts'

/**
 * Options of a storage from `key=value` words: a key is an option's path (`assumeRole.roleArn`) or its name as a
 * flag, and its value becomes what the option's schema says: `false` a boolean, `0012` the text it is.
 */
export function readStorageOptions(
  storage: Pick<Storage, 'name' | 'options'>,
  given: Readonly<Record<string, unknown>>,
  flagName: string,
): Record<string, unknown> {
  const flags = flagsOfSource({ ...storage, locator: '' }, new Set())
  const values = createFlagValues()
  const plain: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(given)) {
    const flag = flags.find(({ path, name }) => path.join('.') === key || name === key)
    if (flag === undefined || (typeof value === 'object' && value !== null)) plain[key] = value
    else {
      const isSwitched = flag.kind === 'boolean' && typeof value === 'boolean'
      values.take({ ...flag, name: `${flagName} ${key}` }, isSwitched ? value : String(value))
    }
  }
  return { ...plain, ...values.toOptions() }
}
