import { isFault } from '@omni/spec'
import type { Head } from '../format.ts'
import { isArrowFile, isFeatherV1, peekSchema } from './framing.ts'

/** How surely a head is Arrow IPC: by its magic number, or by a message that holds a schema. */
export function detectArrow({ bytes }: Head): number {
  if (isArrowFile(bytes) || isFeatherV1(bytes)) return 1
  try {
    return peekSchema(bytes) ? 0.98 : 0
  } catch (error) {
    if (isFault(error)) return 0
    throw error
  }
}
