import type { Session } from './session.ts'

/** What a person should know of the container that will be written; what may not be asked is left out. */
export function notesOf(url: string, session: Session): Promise<readonly string[]> {
  return session.run(url, async ({ container, address }) => {
    const facts = await container.getProperties({ abortSignal: session.ctx.signal }).catch(() => undefined)
    if (!facts) return []
    const notes: string[] = []
    const say = (text: string): void => void notes.push(`${address.container}: ${text}`)
    if (facts.hasImmutabilityPolicy) say('an immutability policy forbids to change or remove blobs')
    if (facts.hasLegalHold) say('a legal hold forbids to change or remove blobs')
    if (facts.isImmutableStorageWithVersioningEnabled) say('versions of blobs may be locked one by one')
    const scope = facts.defaultEncryptionScope
    if (scope && scope !== '$account-encryption-key')
      say('blobs are encrypted with a key of its own scope by default')
    return notes
  })
}
