import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type Format, OmniCollector, toArrowTable, toIpc } from '@omni/core'
import { file } from '@omni/source-file'
import { mqtt } from '@omni/source-mqtt'
import { rest } from '@omni/source-rest'
import { releaseAll } from '@omni/testkit'
import { serverFor } from '@omni/testkit/vitest'
import { afterAll, describe, expect, it } from 'vitest'
import { type Garden, plantsIn } from './plants.ts'
import { borrow, bytesOf, filesBelow, runProgram } from './root.ts'
import { folders, newGarden, type Trip, travel } from './trip.ts'
import {
  csvOf,
  escapeJson,
  flatRows,
  jsonOf,
  ndjsonOf,
  nestedRow,
  nestedRows,
  personalFile,
  writeParquet,
  zipOf,
} from './ways.ts'

// 10,000 addresses and numbers go in by every way there is. Then every byte that was written or printed is searched,
// while the run lasts and afterwards. The search proves itself on a second run, without masks, where it finds all.

const FORMATS: readonly Format[] = ['parquet', 'csv', 'ndjson']
const tally: Record<string, { planted: number; left: number; without: string }> = {}

afterAll(async () => {
  folders.remove()
  await releaseAll()
  const planted = Object.values(tally).reduce((sum, one) => sum + one.planted, 0)
  console.table(tally)
  console.log(`planted ${planted}, left ${Object.values(tally).reduce((sum, one) => sum + one.left, 0)}`)
  expect(planted).toBeGreaterThan(10_000)
})

function prove(name: string, way: (trip: Trip) => Promise<void>): void {
  describe(name, () => {
    for (const format of FORMATS) {
      it(`leaves nothing in ${format}`, async (ctx) => {
        const masked = await travel(ctx, format, true, way)
        const own = { planted: masked.garden.plants.length, left: masked.harvest.plants.size, without: '' }
        tally[`${name} → ${format}`] = own
        expect(masked.harvest.evidence).toEqual([])
        const open = await travel(ctx, format, false, way)
        // File names and other labels are masked even then; values are not.
        const values = open.garden.plants.filter(({ place }) => !/name|option|topic/.test(place))
        const missed = values.filter((plant) => !open.harvest.plants.has(plant))
        own.without = `${open.harvest.plants.size} of ${open.garden.plants.length} found`
        expect(missed, 'without masks, the search finds every value').toEqual([])
      })
    }
  })
}

/** Runs the program, and the commands that show what it made. */
async function byProgram(trip: Trip, words: readonly string[]): Promise<void> {
  const { root, format, mask, say } = trip
  const more = ['--format', format, ...(mask ? [] : ['--no-mask'])]
  const run = await runProgram(root, [...words, ...more])
  expect([0, 4], run.stderr).toContain(run.exitCode)
  say(run.stdout + run.stderr)
}

const byLibrary = async (trip: Trip, path: string): Promise<void> => {
  const { collector, format, mask } = trip
  await collector().collect(file(path), { format, mask })
}

prove('CSV by the program', async (trip) => {
  const { garden, inputs, root, format, mask } = trip
  const path = personalFile(inputs, garden, '.csv', csvOf(flatRows(garden), garden))
  await byProgram(trip, ['file', path, '--dataset', `of ${garden.email('dataset name')}`])
  if (!mask || format !== 'csv') return
  const { dataset } = (await new OmniCollector({ root }).snapshots())[0]!
  for (const words of [
    ['ls'],
    ['show', dataset],
    ['quarantine', dataset, '--output', 'json'],
    ['state', dataset],
    ['verify'],
  ]) {
    const run = await runProgram(root, words)
    trip.say(run.stdout + run.stderr)
  }
  for (const command of ['preview']) {
    const run = await runProgram(root, [command, 'file', path, '--output', 'json'])
    expect(run.exitCode, run.stderr).toBe(0)
    trip.say(run.stdout + run.stderr)
  }
})

prove('TSV', async (trip) => {
  const { garden, inputs } = trip
  await byLibrary(trip, personalFile(inputs, garden, '.tsv', csvOf(flatRows(garden), garden, '\t')))
})

prove('CSV as text columns, in gzip', async (trip) => {
  const { garden, inputs, collector, format, mask } = trip
  const path = personalFile(inputs, garden, '.csv.gz', csvOf(flatRows(garden), garden, ';'))
  await collector().collect(file(path, { types: 'text' }), { format, mask })
})

prove('NDJSON by the program', async (trip) => {
  const { garden, inputs } = trip
  await byProgram(trip, [
    'file',
    personalFile(inputs, garden, '.ndjson', ndjsonOf(nestedRows(garden), garden)),
  ])
})

prove('NDJSON in a zip', async (trip) => {
  const { garden, inputs } = trip
  const content = Buffer.from(ndjsonOf(nestedRows(garden), garden))
  const member = `log of ${garden.email('member name')}.ndjson`
  await byLibrary(trip, personalFile(inputs, garden, '.zip', zipOf(member, content)))
})

prove('JSON', async (trip) => {
  const { garden, inputs } = trip
  const keyed = { [garden.email('key name')]: 'x', [`tel ${garden.phone('key name')}`]: 'y' }
  const document = { data: nestedRows(garden).map((row) => ({ ...row, keyed })) }
  await byLibrary(trip, personalFile(inputs, garden, '.json', jsonOf(document, trip.format === 'csv')))
})

prove('Parquet', async (trip) => {
  const { garden, inputs } = trip
  const path = personalFile(inputs, garden, '.parquet', '')
  await writeParquet(path, garden)
  await byLibrary(trip, path)
})

prove('REST', async (trip) => {
  const { garden, collector, format, mask } = trip
  const rows = nestedRows(garden)
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(jsonOf({ items: rows }, format === 'parquet'))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const address = `${base}/users/${encodeURIComponent(garden.email('option', 'ascii'))}?tel=${encodeURIComponent(garden.phone('option', 'ascii'))}`
    const params = {
      mail: garden.email('option'),
      tel: garden.phone('option'),
      any: [garden.email('option')],
    }
    await collector().collect(rest(address, { params }), { format, mask })
  } finally {
    server.closeAllConnections()
    server.close()
  }
})

interface MqttApi {
  connectAsync(url: string): Promise<{
    publishAsync(topic: string, payload: string | Buffer, options: object): Promise<unknown>
    endAsync(): Promise<void>
  }>
}

/** In turns: bytes that are no text, JSON with every escape there is, and JSON as it is mostly written. */
function payloadOf(g: Garden, i: number): string | Buffer {
  if (i % 3 === 0) {
    const text = ` from ${g.email('binary', 'ascii')}, ${g.email('binary', 'ascii')} or ${g.phone('binary', 'ascii')} `
    return Buffer.concat([Buffer.from([0xff, 0xfe, 0x00]), Buffer.from(text), Buffer.from([0x80, 0x00])])
  }
  if (i % 3 === 1) {
    const person = { who: g.email('escapes'), list: [g.email('escapes'), { tel: g.phone('escapes') }] }
    return escapeJson({ ...person, note: `call ${g.phone('escapes', 'ascii')} or ${g.email('escapes')}` })
  }
  return jsonOf(nestedRow(g, i, true))
}

prove('MQTT', async (trip) => {
  const { garden, collector, format, mask, ctx } = trip
  const { url } = await serverFor(ctx, 'mosquitto')
  const base = `proof/${process.pid}/${Date.now()}`
  const client = await borrow<MqttApi>('source-mqtt', 'mqtt').connectAsync(url)
  for (let i = 0; i < 15; i++) {
    const topic = `${base}/${i}/${garden.email('topic').replace('&#64;', '@').replaceAll('+', '.')}`
    await client.publishAsync(topic, payloadOf(garden, i), { qos: 1, retain: true })
  }
  await client.endAsync()
  await collector().collect(mqtt(url, { topics: `${base}/#`, idleMs: 250 }), {
    format,
    mask,
    dataset: 'messages',
  })
})

const saved = (trip: Trip) => {
  const { garden, format, mask } = trip
  return {
    format,
    mask,
    dataset: `saved ${garden.email('dataset name')}`,
    label: `web:${garden.email('label name')}`,
    tags: { owner: garden.email('tag name'), desk: garden.phone('tag name') },
  }
}

prove('save of rows', async (trip) => {
  const { garden, collector } = trip
  await collector().save(nestedRows(garden), saved(trip))
})

prove('save of an async iterable', async (trip) => {
  const { garden, collector } = trip
  const rows = nestedRows(garden)
  async function* slowly() {
    for (const row of rows) yield row
  }
  await collector().save(slowly(), saved(trip))
})

/** The columns of a Parquet file, unmasked, in another root. */
async function columnsOf(trip: Trip) {
  const path = join(trip.inputs, 'x.parquet')
  await writeParquet(path, trip.garden)
  const elsewhere = new OmniCollector({ root: folders.make('elsewhere') })
  return await elsewhere.collect(file(path), { mask: false })
}

prove('save of batches', async (trip) => {
  const batches = []
  for await (const block of (await columnsOf(trip)).blocks()) batches.push(block)
  await trip.collector().save(batches, saved(trip))
})

prove('save of an Arrow table', async (trip) => {
  const batches = []
  for await (const block of (await columnsOf(trip)).blocks()) batches.push(block)
  await trip.collector().save((await toArrowTable(batches)) as never, saved(trip))
})

prove('save of Arrow IPC bytes', async (trip) => {
  const batches = []
  for await (const block of (await columnsOf(trip)).blocks()) batches.push(block)
  await trip.collector().save(await toIpc(batches), saved(trip))
})

/** A form of its own, beside those that every way carries. */
function alsoMasked(name: string, way: (trip: Trip) => Promise<void>): void {
  it(`leaves nothing of ${name}`, async (ctx) => {
    const { harvest } = await travel(ctx, 'ndjson', true, way)
    expect(harvest.evidence).toEqual([])
    const bare = await travel(ctx, 'ndjson', false, way)
    expect(bare.harvest.evidence.length, 'without masks the search finds it').toBeGreaterThan(0)
  })
}

const saveNotes = async (trip: Trip, note: (g: Garden) => unknown): Promise<void> => {
  const rows = Array.from({ length: 30 }, () => ({ note: note(trip.garden) }))
  await trip.collector().save(rows, { dataset: 'd', label: 'test:d', format: trip.format, mask: trip.mask })
}

alsoMasked('addresses beyond ASCII in a binary column, beside a control character', (trip) =>
  saveNotes(trip, (g) => Buffer.from(`\u0001 bytes of ${g.email('binary')} end`)),
)

alsoMasked('numbers of wide digits in JSON escapes', (trip) =>
  saveNotes(trip, (g) => escapeJson({ office: g.phone('escapes') })),
)

alsoMasked('JSON inside of JSON, with escapes', (trip) =>
  saveNotes(trip, (g) =>
    JSON.stringify({ inner: escapeJson({ at: g.email('twice'), n: g.phone('twice') }) }),
  ),
)

alsoMasked('percent signs for letters and digits beyond ASCII', (trip) =>
  saveNotes(trip, (g) => {
    const [mail, tel] = [g.email('coded'), g.phone('coded')].map(encodeURIComponent)
    return `https://shop.example/?m=${mail}&n=${tel}`
  }),
)

it('plan and discover print no name of a person', async (ctx) => {
  const { harvest } = await travel(ctx, 'ndjson', true, async (trip) => {
    const { garden, inputs, root, say } = trip
    const path = personalFile(inputs, garden, '.csv', csvOf(flatRows(garden), garden))
    await byProgram(trip, ['file', path])
    for (const command of ['plan', 'discover'])
      for (const output of ['json', 'text'])
        say((await runProgram(root, [command, 'file', path, '--output', output])).stdout)
  })
  expect(harvest.evidence).toEqual([])
})

it('a run that is killed leaves nothing personal in its staging folder', async () => {
  const garden = newGarden()
  const root = folders.make('killed')
  const inputs = folders.make('inputs')
  const head = csvOf(flatRows(garden), garden)
  mkdirSync(inputs, { recursive: true })
  const lines = head.trimEnd().split('\n')
  const body = head.slice(head.indexOf('\n') + 1)
  writeFileSync(join(inputs, 'big.csv'), `${lines[0]}\n${body.repeat(4_000)}`)
  let searched = 0
  for (const format of ['csv', 'ndjson']) {
    let kill = (): void => undefined
    const words = ['--root', root, 'file', join(inputs, 'big.csv'), '--format', format]
    const watch = setInterval(() => {
      const parts = filesBelow(root).filter((path) => path.includes('.staging-'))
      if (parts.some((path) => bytesOf(join(root, path)).length > 200_000)) kill()
    }, 5)
    const run = await runProgram(root, words, (stop) => {
      kill = stop
    })
    clearInterval(watch)
    expect(run.signal).toBe('SIGKILL')
    for (const path of filesBelow(root)) {
      const bytes = bytesOf(join(root, path))
      searched += bytes.length
      expect(plantsIn(bytes.subarray(0, 2_000_000).toString('utf8'), garden, 9)).toEqual([])
    }
  }
  expect(searched).toBeGreaterThan(400_000)
})
