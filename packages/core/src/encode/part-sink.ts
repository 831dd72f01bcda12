import type { DraftFile, DraftFolder, FileReceipt } from '../home/home.ts'
import type { Container, EncodedGroup, Format, PlacedGroup } from './format.ts'

/** One finished part. */
export interface PartReceipt extends FileReceipt {
  /** File name inside the folder. */
  readonly path: string
  readonly rows: number
}

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
export function createPartSink(folder: DraftFolder, format: Format, container: Container): PartSink {
  const receipts: PartReceipt[] = []
  let file: DraftFile | undefined
  let groups: PlacedGroup[] = []
  let rows = 0

  const nameOf = (part: number): string => `part-${String(part).padStart(5, '0')}.${format}`
  const begin = async (): Promise<DraftFile> => {
    const begun = await folder.create(nameOf(receipts.length))
    file = begun
    groups = []
    rows = 0
    await begun.append(container.head)
    return begun
  }
  const end = async (part: DraftFile): Promise<void> => {
    await part.append(container.tail(groups))
    const { bytes, sha256 } = await part.finish()
    receipts.push({ path: nameOf(receipts.length), bytes, rows, sha256 })
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
      for (const { path } of receipts) await folder.remove(path)
    },
  }
}
