import type { Context } from '@omni/spec'
import { fingerprintOf, type Held } from './chunk.ts'
import { identityOf } from './client-options.ts'
import type { MqttSettings } from './options.ts'
import type { ReadState } from './read.ts'
import { connectSession } from './session.ts'

const SILENCE_MS = 1000

/** Acknowledges all that was yielded, over a new connection if the one of the read was lost. */
export async function acknowledgeHeld(settings: MqttSettings, ctx: Context, state: ReadState): Promise<void> {
  const { held, session } = state
  if (held.length === 0 || session === undefined) return
  const saved = held.splice(0)
  if (session.connected && (await session.acknowledge(saved.map((one) => one.id)))) return
  // A clean session ended with its connection: the broker holds nothing any more.
  if (settings.session === 'clean') return
  const missed = await acknowledgeAgain(settings, ctx, state, saved)
  if (missed > 0) {
    ctx.log.warn(
      `The broker did not deliver ${missed} saved messages again after the connection was lost; if it still holds them, the next run gets them once more.`,
    )
  }
}

/**
 * After a new connection the broker delivers again what it holds (MQTT 5.0, section 4.4). What is saved is
 * known by its content, since not every broker keeps packet identifiers; anything else stays unacknowledged.
 */
async function acknowledgeAgain(
  settings: MqttSettings,
  ctx: Context,
  state: ReadState,
  saved: readonly Held[],
): Promise<number> {
  const wanted = new Map<string, number>()
  for (const { fingerprint } of saved) wanted.set(fingerprint, (wanted.get(fingerprint) ?? 0) + 1)
  const ids: number[] = []
  let lastMs = performance.now()
  await state.session?.close()
  const session = await connectSession(
    settings,
    ctx,
    identityOf(settings),
    {
      message(packet, next) {
        lastMs = performance.now()
        const fingerprint = packet.qos > 0 ? fingerprintOf(packet) : ''
        const count = wanted.get(fingerprint) ?? 0
        if (count > 0) {
          wanted.set(fingerprint, count - 1)
          ids.push(packet.messageId ?? 0)
        }
        next()
      },
      lost: () => {},
    },
    ctx.signal,
  )
  state.session = session
  while (session.resumed && ids.length < saved.length && session.connected) {
    const leftMs = lastMs + SILENCE_MS - performance.now()
    if (leftMs <= 0) break
    await new Promise((resolve) => setTimeout(resolve, Math.min(leftMs, 20)))
  }
  await session.acknowledge(ids)
  return saved.length - ids.length
}
