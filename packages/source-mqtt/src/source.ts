import { defineSource, type Position, type SourceFunction } from '@omni/spec'
import { acknowledgeHeld } from './ack.ts'
import { discoverMessages } from './discover.ts'
import { classify } from './errors.ts'
import { type MqttConfig, type MqttOptions, optionsSchema, settingsOf } from './options.ts'
import { type ReadState, readMessages } from './read.ts'
import { connectSession, within } from './session.ts'
import { datasetOf, nameFilters } from './topics.ts'

/** MQTT 3.1.1 and 5: subscribe, and acknowledge only what a durable snapshot holds. */
export const mqtt: SourceFunction<MqttOptions, MqttConfig> = defineSource<MqttConfig, Position, MqttOptions>({
  name: 'mqtt',
  summary: 'Messages of an MQTT broker, acknowledged only after the snapshot is durable.',
  schemes: ['mqtt', 'mqtts'],
  locator: 'url',
  options: optionsSchema,
  secrets: ['password', 'tls.key', 'tls.passphrase'],
  capabilities: { ack: true, check: true, unbounded: true },
  describe(config) {
    const { topics, endpoint } = settingsOf(config)
    return { label: `mqtt:${nameFilters(topics)}`, dataset: datasetOf(topics) ?? endpoint.host }
  },
  open(config, ctx) {
    const settings = settingsOf(config)
    let state: ReadState = { session: undefined, held: [] }
    return {
      discover: () => Promise.resolve([discoverMessages(settings)]),
      async *read(_stream, _from, request) {
        // The session has one connection: a second one with the same name would make the broker end the first.
        await state.session?.close()
        state = { session: undefined, held: [] }
        yield* readMessages(settings, ctx, request, state)
      },
      ack: () => acknowledgeHeld(settings, ctx, state),
      async check() {
        // Under a name of its own, so that a running collector keeps its session, and with QoS 0.
        const probe = { ...settings, qos: 0 as const, retained: false, session: 'clean' as const }
        const handlers = { message: (_: unknown, next: () => void) => next(), lost: () => {} }
        const session = await connectSession(probe, ctx, { clean: true }, handlers, ctx.signal)
        try {
          await within(settings.connectTimeoutMs, session.subscribe())
          return {
            notes: [
              `MQTT ${session.version === 5 ? '5' : '3.1.1'}, ${settings.topics.length} subscriptions granted`,
            ],
          }
        } finally {
          await session.close()
        }
      },
      close: async () => state.session?.close(),
    }
  },
  classify,
})
