import { expect, it } from 'vitest'
import { generateDocs } from './docs.ts'

it('finds the generated parts of the READMEs as the code says (node tooling/docs.ts rewrites them)', async () => {
  expect(await generateDocs(true)).toEqual([])
})
