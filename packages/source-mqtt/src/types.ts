import type { DataType, Field, Schema } from '@omni/spec'

/** How the payload is kept. */
export type PayloadMode = 'auto' | 'text' | 'json' | 'binary'

const utf8: DataType = { kind: 'utf8' }
const binary: DataType = { kind: 'binary' }
const field = (name: string, type: DataType, sourceType: string, nullable = false): Field => ({
  name,
  type,
  nullable,
  sourceType,
})

const payload: Readonly<Record<PayloadMode, readonly Field[]>> = {
  auto: [
    field('payload', utf8, 'payload', true),
    field('payload_bytes', binary, 'payload that is no UTF-8', true),
  ],
  text: [field('payload', utf8, 'payload')],
  json: [field('payload', utf8, 'payload, JSON text')],
  binary: [field('payload', binary, 'payload')],
}

// Names as in MQTT 5.0, section 3.3.2.3. User properties may repeat and are ordered, so they are no map.
const properties: readonly Field[] = [
  field('content_type', utf8, 'property Content Type', true),
  field('response_topic', utf8, 'property Response Topic', true),
  field('correlation_data', binary, 'property Correlation Data', true),
  field(
    'user_properties',
    {
      kind: 'list',
      item: field(
        'item',
        { kind: 'struct', fields: [field('name', utf8, 'name'), field('value', utf8, 'value')] },
        'User Property',
      ),
    },
    'property User Property',
    true,
  ),
]

/** The columns of the one stream, known before anything is read. */
export function schemaOf(mode: PayloadMode, withProperties: boolean): Schema {
  return {
    fields: [
      field('topic', utf8, 'topic name'),
      ...payload[mode],
      field('qos', { kind: 'int', bits: 8, signed: false }, 'QoS delivered with'),
      field('retain', { kind: 'bool' }, 'RETAIN flag'),
      field('redelivered', { kind: 'bool' }, 'DUP flag'),
      field('received_at', { kind: 'timestamp', unit: 'ms', zone: 'UTC' }, 'clock of the collector'),
      ...(withProperties ? properties : []),
    ],
  }
}
