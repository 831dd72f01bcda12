import { expect, it } from 'vitest'
import { mqtt } from './source.ts'

it('says its options as JSON Schema, each described', () => {
  const standard = mqtt.source.options['~standard'] as unknown as {
    readonly jsonSchema: {
      input(o: { target: string }): { readonly properties: Record<string, { description?: string }> }
    }
  }
  const { properties } = standard.jsonSchema.input({ target: 'draft-2020-12' })
  expect(Object.keys(properties)).toContain('topics')
  for (const [name, property] of Object.entries(properties)) expect(property.description, name).toBeTruthy()
})
