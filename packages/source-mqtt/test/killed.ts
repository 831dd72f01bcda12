// A collector process that reads and then waits to be killed. Arguments: the options as JSON.
import { setTimeout as sleep } from 'node:timers/promises'
import { mqtt } from '../src/index.ts'
import { run } from './world.ts'

const options = JSON.parse(process.argv[2] ?? '{}') as Parameters<typeof mqtt>[0] & object
const read = await run(mqtt(options))
process.stdout.write(`${read.rows.length}\n`)
await sleep(60_000)
