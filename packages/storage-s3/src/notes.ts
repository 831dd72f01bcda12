import type { Session } from './session.ts'

/** What a person should know of the bucket that will be written; what may not be asked is left out. */
export function notesOf(url: string, session: Session): Promise<readonly string[]> {
  return session.run(url, async ({ base, address }, { sdk, client }) => {
    const signal = { abortSignal: session.ctx.signal }
    const bucket = { Bucket: base.Bucket }
    const ask = <Result>(work: Promise<Result>): Promise<Result | undefined> => work.catch(() => undefined)
    const [versioning, lock, encryption] = await Promise.all([
      ask(client.send(new sdk.GetBucketVersioningCommand(bucket), signal)),
      ask(client.send(new sdk.GetObjectLockConfigurationCommand(bucket), signal)),
      ask(client.send(new sdk.GetBucketEncryptionCommand(bucket), signal)),
    ])
    const notes: string[] = []
    const say = (text: string): void => void notes.push(`${address.bucket}: ${text}`)
    if (versioning?.Status === 'Enabled')
      say('versioning is on; what is removed or overwritten is kept as an old version')
    if (versioning?.Status === 'Suspended') say('versioning is suspended')
    const locked = lock?.ObjectLockConfiguration
    if (locked?.ObjectLockEnabled === 'Enabled') {
      const { Mode, Days, Years } = locked.Rule?.DefaultRetention ?? {}
      const span = Days ? `${Days} days` : Years ? `${Years} years` : undefined
      say(
        span === undefined
          ? 'object lock is on, without a default retention'
          : `object lock keeps every new object for ${span} (${Mode?.toLowerCase()}); it cannot be removed before`,
      )
    }
    const rule = encryption?.ServerSideEncryptionConfiguration?.Rules?.[0]
    const algorithm = rule?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm
    if (algorithm === 'AES256') say("objects are encrypted with the store's keys (SSE-S3) by default")
    if (algorithm?.startsWith('aws:kms')) say('objects are encrypted with a key of KMS by default')
    if (session.options.sse === undefined && algorithm === undefined && encryption !== undefined)
      say('no default encryption')
    return notes
  })
}
