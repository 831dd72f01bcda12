export type { MqttOptions } from './options.ts'
export { mqtt } from './source.ts'
