/** What is made when it is first asked for, as a client with its login is. */
export interface Once<Result> {
  /** The same for all who ask; after a failure the next one asks anew. */
  get(): Promise<Result>
  /** What was made, to close it; the next one who asks gets another. Undefined where there is none. Never rejects. */
  take(): Promise<Result | undefined>
}

/** Makes something once. */
export function createOnce<Result>(make: () => Promise<Result>): Once<Result> {
  let made: Promise<Result> | undefined
  return {
    get() {
      made ??= make().catch((error: unknown) => {
        made = undefined
        throw error
      })
      return made
    },
    async take() {
      const taken = made
      made = undefined
      return taken?.catch(() => undefined)
    },
  }
}
