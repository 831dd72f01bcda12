import type { Stream } from '@omni/spec'
import type { MqttSettings } from './options.ts'
import { schemaOf } from './types.ts'

/** The one stream: the messages of all topics, in the order in which the broker delivers them. */
export function discoverMessages(settings: MqttSettings): Stream {
  const { topics, qos, session, payload, properties } = settings
  return {
    name: 'messages',
    schema: schemaOf(payload, properties),
    notes: [`topics: ${topics.join(', ')}`, `qos: ${qos}`, `session: ${session}`, `payload: ${payload}`],
  }
}
