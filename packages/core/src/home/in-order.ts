/** Results in the order of their items, with at most `ahead` of them on their way at once. */
export async function* inOrder<Item, Result>(
  items: Iterable<Item>,
  ahead: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const pending: Promise<Result>[] = []
  for (const item of items) {
    const result = work(item)
    // It is awaited below, maybe later than it fails.
    result.catch(() => undefined)
    pending.push(result)
    if (pending.length >= ahead) yield await (pending.shift() as Promise<Result>)
  }
  for (const result of pending) yield await result
}
