// The main job, really done: four kinds of source, each collected by the real program in a process of its
// own, then looked at, then tampered with. Run it with `npx -y pnpm@12 demo`.
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { OmniCollector } from '@omni/core'
import { file } from '@omni/source-file'
import { customersCsv, logNdjson, orders, telemetry } from './inputs.ts'
import { createPeople } from './people.ts'
import { findPlanted, searchFor } from './search.ts'
import { startApi, startBroker } from './servers.ts'
import { createStory } from './story.ts'
import { zipOne } from './zip.ts'

const startedMs = Date.now()
const folder = join(process.cwd(), 'demo-data')
const inbox = join(folder, 'inbox')
rmSync(folder, { recursive: true, force: true })
mkdirSync(inbox, { recursive: true })

const people = createPeople(20250530)
const story = createStory(folder)
const csv = customersCsv(people, 2_000)
writeFileSync(join(inbox, 'customers.csv'), csv)
const logText = logNdjson(people, 1_500)
writeFileSync(join(inbox, 'app-log.zip'), zipOne('app.ndjson', Buffer.from(logText)))

story.chapter('A CSV of customers, with e-mails and phones also in the notes')
story.say('One line of it, as it came:', csv.split('\n')[1] ?? '')
const first = await story.run('file', 'inbox/customers.csv')
story.expect('the collect succeeded', first.exitCode === 0)

story.chapter('The same file again: nothing new, so nothing is written')
const again = await story.run('file', 'inbox/customers.csv')
story.expect('it says unchanged', again.exitCode === 0 && /unchanged/.test(again.stdout + again.stderr))

story.chapter('A log inside a zip, written as CSV')
const log = await story.run('file', 'inbox/app-log.zip', '--dataset', 'app_log', '--format', 'csv')
story.expect('the collect succeeded', log.exitCode === 0)

story.chapter('A JSON API, page by page')
const api = await startApi(orders(people, 350))
const rest = await story.run('rest', `http://127.0.0.1:${api.port}/orders`, '--tag', 'source_system=shop')
await api.close()
story.expect('the collect succeeded', rest.exitCode === 0)

story.chapter('Telemetry over MQTT, acknowledged only when the snapshot is safe')
const broker = await startBroker(telemetry(people, 200))
const url = `mqtt://127.0.0.1:${broker.port}`
const mqtt = await story.run(
  'mqtt',
  url,
  '--topics',
  'plant/#',
  '--idle-ms',
  '1500',
  '--dataset',
  'telemetry',
)
story.expect('the collect succeeded', mqtt.exitCode === 0)
story.expect(
  `the broker has all 200 acknowledgements (${broker.acknowledged()})`,
  broker.acknowledged() === 200,
)
await broker.close()

story.chapter('What there is now')
const list = await story.run('ls')
story.expect(
  'four datasets',
  ['customers', 'app_log', 'orders', 'telemetry'].every((name) => list.stdout.includes(name)),
)

story.chapter('One snapshot, looked at')
await story.run('show', 'customers')
await story.run('preview', 'file', 'inbox/customers.csv', '--limit', '3')

story.chapter('The same in code: rows come out of the snapshot, and the digest is the same')
const engine = new OmniCollector({ root: folder })
const snapshot = await engine.collect(file(join(inbox, 'customers.csv')), { dataset: 'customers_in_code' })
const [row] = await snapshot.rowsAsObjects({ limit: 1 })
story.say(
  "const engine = new OmniCollector({ root: 'demo-data' })",
  "const snapshot = await engine.collect(file('inbox/customers.csv'), { dataset: 'customers_in_code' })",
  `(await snapshot.rowsAsObjects({ limit: 1 }))[0]   // ${JSON.stringify(row)}`,
)
story.expect(
  `snapshot.digest is ${snapshot.digest.slice(0, 12)}… again`,
  first.stdout.includes(snapshot.digest),
)

story.chapter('The audit log: every line holds the hash of the one before')
story.say(
  ...readFileSync(join(folder, 'logs', 'ingest.log'), 'utf8')
    .trimEnd()
    .split('\n'),
)

story.chapter('Is anything personal left?')
const inTheCsv = findPlanted(people.planted, csv).size
const inTheLog = findPlanted(people.planted, logText).size
const { files, values, found } = await searchFor(people.planted, folder, inbox)
story.say(
  `${people.planted.size} invented e-mail addresses and phone numbers were handed out. The same search looks through`,
  `what went in, and through what came out: ${files} files byte by byte, ${values} values read back from snapshots.`,
)
story.expect(
  `in the CSV and the log as they came: ${inTheCsv} and ${inTheLog}`,
  inTheCsv > 5_000 && inTheLog > 2_000,
)
story.expect(`in everything that was written: ${found}`, found === 0 && files > 8 && values > 10_000)

story.chapter('Verify: every checksum, digest and log line computed again')
const sound = await story.run('verify')
story.expect('everything is as it was written', sound.exitCode === 0)

story.chapter('Somebody changes one bit of one file')
const part = firstPart(join(folder, 'data', 'raw', 'customers'))
const bytes = readFileSync(part)
const at = bytes.length >> 1
flip(part, bytes, at)
story.say(`flipped bit 0 of byte ${at} in ${part.slice(folder.length + 1)}`)
const damaged = await story.run('verify')
story.expect(
  'verify caught it, with exit code 2',
  damaged.exitCode === 2 && damaged.stdout.includes('part-00000'),
)
flip(part, readFileSync(part), at)
const restored = await story.ask('verify')
story.expect('the bit is put back, and verify is content again', restored.exitCode === 0)

const seconds = ((Date.now() - startedMs) / 1000).toFixed(1)
story.say('', `Done in ${seconds} s. All of it is in ${folder}; run the demo again at any time.`)
if (story.failures > 0) {
  process.stderr.write(`${story.failures} of the expectations above do not hold\n`)
  process.exitCode = 1
}

function firstPart(dataset: string): string {
  const names = readdirSync(dataset, { recursive: true, encoding: 'utf8' })
  const name = names.filter((path) => path.includes('part-')).sort()[0]
  return join(dataset, name ?? 'no part')
}

function flip(path: string, content: Buffer, index: number): void {
  const changed = Buffer.from(content)
  changed.writeUInt8(changed.readUInt8(index) ^ 1, index)
  chmodSync(path, 0o644)
  writeFileSync(path, changed)
  chmodSync(path, 0o444)
}
