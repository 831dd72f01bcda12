import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Container, EncodedGroup, Format, PlacedGroup } from './format.ts'
import { createPartFile, type PartFile, type PartReceipt } from './part-file.ts'

/** Puts encoded groups, in order, into numbered parts. */
export interface PartSink {
  /** Appends a group to the current part, and ends the part after it where `endsPart` is set. */
  append(group: EncodedGroup, endsPart: boolean): Promise<void>
  /** Ends the last part; a stream without rows gets one empty part, which still says its schema. */
  finish(): Promise<readonly PartReceipt[]>
  /** Takes away every file it made. */
  abandon(): Promise<void>
}

/** Parts are called `part-00000.<format>` and so on. */
export function createPartSink(folder: string, format: Format, container: Container): PartSink {
  const receipts: PartReceipt[] = []
  let file: PartFile | undefined
  let groups: PlacedGroup[] = []
  let rows = 0

  const begin = async (): Promise<PartFile> => {
    const begun = await createPartFile(folder, `part-${String(receipts.length).padStart(5, '0')}.${format}`)
    file = begun
    groups = []
    rows = 0
    await begun.append(container.head)
    return begun
  }
  const end = async (part: PartFile): Promise<void> => {
    await part.append(container.tail(groups))
    receipts.push(await part.finish(rows))
    file = undefined
  }
  return {
    async append(group, endsPart) {
      const part = file ?? (await begin())
      groups.push({ start: part.size, facts: group.facts })
      rows += group.rows
      await part.append(group.bytes)
      if (endsPart) await end(part)
    },
    async finish() {
      if (file || receipts.length === 0) await end(file ?? (await begin()))
      return receipts
    },
    async abandon() {
      await file?.abandon()
      for (const { path } of receipts) await rm(join(folder, path), { force: true }).catch(() => undefined)
    },
  }
}
