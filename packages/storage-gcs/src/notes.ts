import type { Session } from './session.ts'

/** What a person should know of the bucket that will be written; what may not be asked is left out. */
export function notesOf(url: string, session: Session): Promise<readonly string[]> {
  return session.run(url, async ({ bucket, address }) => {
    const [metadata] = await bucket.getMetadata().catch(() => [undefined])
    if (!metadata) return []
    const notes: string[] = []
    const say = (text: string): void => void notes.push(`${address.bucket}: ${text}`)
    if (metadata.versioning?.enabled)
      say('versioning is on; what is removed or overwritten is kept as an old version')
    const seconds = Number(metadata.retentionPolicy?.retentionPeriod ?? 0)
    if (seconds > 0) say(`a retention policy keeps every object for ${Math.ceil(seconds / 86_400)} days`)
    if (metadata.objectRetention?.mode) say('objects may be locked one by one')
    if (metadata.encryption?.defaultKmsKeyName)
      say('objects are encrypted with a key of Cloud KMS by default')
    return notes
  })
}
