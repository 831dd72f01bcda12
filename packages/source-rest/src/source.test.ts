import { expect, it } from 'vitest'
import { rest } from './source.ts'

it('says its options as JSON Schema, each described', () => {
  const standard = rest.source.options['~standard'] as unknown as {
    readonly jsonSchema: {
      input(o: { target: string }): { readonly properties: Record<string, { description?: string }> }
    }
  }
  const { properties } = standard.jsonSchema.input({ target: 'draft-2020-12' })
  expect(Object.keys(properties)).toContain('records')
  for (const [name, property] of Object.entries(properties)) expect(property.description, name).toBeTruthy()
})
