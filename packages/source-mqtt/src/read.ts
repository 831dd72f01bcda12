import { type Chunk, type Context, createInbox, type ReadRequest } from '@omni/spec'
import type { IPublishPacket } from 'mqtt'
import { createChunkBuilder, type Held, type Item } from './chunk.ts'
import { identityOf, MAX_UNACKNOWLEDGED } from './client-options.ts'
import type { MqttSettings } from './options.ts'
import { connectSession, type Session, within } from './session.ts'

/** What one read leaves behind for `ack`. */
export interface ReadState {
  session: Session | undefined
  /** In the order of delivery, as PUBACKs must be sent (MQTT 5.0, section 4.6). */
  readonly held: Held[]
}

const MAX_ITEMS = 16_384

/** Messages until the limit, the time-out, silence, or a full window. */
export async function* readMessages(
  settings: MqttSettings,
  ctx: Context,
  request: ReadRequest,
  state: ReadState,
): AsyncGenerator<Chunk> {
  const { limits, limit = Number.POSITIVE_INFINITY, signal } = request
  if (limit <= 0) return
  const inbox = createInbox<Item>({ maxItems: MAX_ITEMS, slack: 1, signal })
  let bufferedBytes = 0
  let ordinal = 0
  let accepted = 0
  let unacknowledged = 0
  let over = false
  let lastMs = performance.now()
  let resume: (() => void) | undefined

  const end = (why: string): void => {
    if (over) return
    over = true
    ctx.log.debug(`The read ends: ${why}.`)
    inbox.end()
    resume?.()
  }
  const message = (packet: IPublishPacket, next: () => void): void => {
    lastMs = performance.now()
    // After the end the connection stays open for PUBACKs; what still comes is not ours and not acknowledged.
    if (over) {
      next()
      return
    }
    const bytes = packet.payload.length + packet.topic.length + 64
    bufferedBytes += bytes
    const room = inbox.push({ packet, bytes, ordinal: ++ordinal, receivedAt: ctx.now() })
    if (packet.qos > 0) unacknowledged++
    if (settings.retained || !packet.retain) accepted++
    if (accepted >= limit) end('limit reached')
    else if (unacknowledged >= MAX_UNACKNOWLEDGED) end(`${MAX_UNACKNOWLEDGED} messages are unacknowledged`)
    if (over || (room && bufferedBytes < limits.bufferBytes)) next()
    else {
      resume = () => {
        resume = undefined
        lastMs = performance.now()
        next()
      }
    }
  }

  const session = await connectSession(
    settings,
    ctx,
    identityOf(settings),
    { message, lost: (error) => (over ? undefined : inbox.fail(error)) },
    signal,
  )
  state.session = session
  const timers = startTimers(settings, () => (resume === undefined ? lastMs : performance.now()), end)
  try {
    // Not awaited here: a persistent session may deliver more than the inbox holds before SUBACK comes.
    const subscribed = session.subscribe()
    subscribed.catch((error: unknown) => inbox.fail(error))
    let builder = createChunkBuilder(settings)
    for await (const item of inbox) {
      builder.add(item)
      const full = builder.size >= limits.chunkRows || builder.bytes >= limits.chunkBytes
      if (!full && inbox.size > 0) continue
      const { chunk, held } = builder.finish()
      bufferedBytes -= builder.bytes
      builder = createChunkBuilder(settings)
      // Before the yield: whoever gets the chunk may acknowledge it without asking for the next.
      for (const one of held) state.held.push(one)
      if (bufferedBytes < limits.bufferBytes && inbox.size < MAX_ITEMS) resume?.()
      yield chunk
    }
    await within(settings.connectTimeoutMs, subscribed)
  } catch (error) {
    // Before the connection ends: its answers may wait behind a message that was held up.
    over = true
    resume?.()
    await session.close()
    throw error
  } finally {
    over = true
    timers.stop()
    resume?.()
  }
}

function startTimers(
  settings: MqttSettings,
  lastMs: () => number,
  end: (why: string) => void,
): { stop(): void } {
  const { timeoutMs, idleMs } = settings
  const total = timeoutMs === 0 ? undefined : setTimeout(() => end(`${timeoutMs} ms are over`), timeoutMs)
  let idle: NodeJS.Timeout | undefined
  const watch = (): void => {
    const leftMs = lastMs() + idleMs - performance.now()
    if (leftMs <= 0) end(`no message for ${idleMs} ms`)
    else idle = setTimeout(watch, leftMs)
  }
  if (idleMs > 0) watch()
  return {
    stop() {
      clearTimeout(total)
      clearTimeout(idle)
    },
  }
}
