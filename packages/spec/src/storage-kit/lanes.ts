const LANES = 16

/** Does `work` for every item, several at a time; rejects with the first failure. */
export async function inLanes<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
): Promise<void> {
  // One iterator that all lanes take from.
  const rest = items.values()
  const lane = async (): Promise<void> => {
    for (const item of rest) await work(item)
  }
  await Promise.all(Array.from({ length: Math.min(LANES, items.length) }, lane))
}
