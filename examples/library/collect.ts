// What the command line does, in code. node examples/library/collect.ts [root]
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { OmniCollector } from '@omni/core'
import { file } from '@omni/source-file'

const root = process.argv[2] ?? '.'
mkdirSync(join(root, 'in'), { recursive: true })
const users = join(root, 'in', 'users.csv')
writeFileSync(users, 'id,name,email\n007,Ann,ann@example.com\n008,Bo,\n')

const oc = new OmniCollector({ root })
const snapshot = await oc.collect(file(users))
console.log(snapshot.rows, snapshot.digest, snapshot.path)
for await (const batch of snapshot.batches()) console.log(batch.schema.fields.map((field) => String(field)))
console.log(await snapshot.rowsAsObjects({ limit: 100 }))

const prices = [
  { sku: 'a-1', price: 12.5 },
  { sku: 'a-2', price: null },
]
const saved = await oc.save(prices, { dataset: 'price_table', label: 'web:pricelist' })
console.log(saved.dataset, saved.rows)
