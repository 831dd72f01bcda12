import type { Context } from '@omni/spec'
import { expect, it } from 'vitest'
import { OmniCollector } from '../src/index.ts'
import { createMemoryWorld, memoryStorage, textsBelow } from './memory-store.ts'
import { chunks, makeRoot, scripted } from './world.ts'

const PIN = '48151623'

function reading(locator: string, storageOptions: object = {}, talk = '') {
  return scripted({
    read: chunks(),
    options: { locator, storageOptions },
    definition: {
      open: (_options: object, ctx: Context) => {
        const one = ctx.storage(locator, storageOptions as Record<string, unknown>)
        const same = ctx.storage(`${locator}2`, { ...storageOptions })
        return {
          discover: async () => [{ name: 'things' }],
          async *read() {
            ctx.log.info(`opened ${talk}`)
            const bytes = await one.read({ start: 0, end: 100 })
            yield { rows: [{ text: Buffer.from(bytes).toString(), same: (await same.head()).name }] }
          },
        }
      },
    },
  })
}

it('reads an object through the storage of its scheme, opened once and closed at the end', async () => {
  const world = createMemoryWorld()
  world.objects.set('mem://b/x', Buffer.from('hello'))
  world.objects.set('mem://b/x2', Buffer.from('again'))
  const oc = new OmniCollector({ root: makeRoot(), storages: [memoryStorage(world)] })
  const snapshot = await oc.collect(reading('mem://b/x', { region: 'r' }))
  expect(await snapshot.rowsAsObjects()).toEqual([{ text: 'hello', same: 'x2' }])
  expect([world.opened, world.closed]).toEqual([1, 1])
  await expect(oc.collect(reading('mem://b/none'))).rejects.toMatchObject({ kind: 'missing' })
  expect([world.opened, world.closed]).toEqual([2, 2])
})

it('names what is wrong with the options of a storage by their path', async () => {
  const oc = new OmniCollector({ root: makeRoot(), storages: [memoryStorage(createMemoryWorld())] })
  await expect(oc.plan(reading('mem://b/x', { region: 7 }))).rejects.toMatchObject({
    kind: 'config',
    code: 'memory.options',
    why: expect.stringContaining('storageOptions.region: must be text'),
  })
  await expect(oc.plan(reading('a.csv', { region: 'r' }))).rejects.toMatchObject({ kind: 'config' })
  await expect(oc.plan(reading('s3://b/x'))).rejects.toMatchObject({
    code: 'storage.scheme',
    fix: expect.stringContaining('npm install @omni/storage-s3'),
  })
  expect(() => new OmniCollector({ storages: [{} as never] })).toThrow(/not a storage/)
})

it('keeps secrets of a storage out of logs, manifests and the plan, those of the root too', async () => {
  const world = createMemoryWorld()
  world.objects.set('mem://b/x', Buffer.from('hello'))
  world.objects.set('mem://b/x2', Buffer.from('again'))
  const said: string[] = []
  const note = (message: string): void => void said.push(message)
  const root = 'mem://b/root'
  const oc = new OmniCollector({
    root,
    rootOptions: { account: { pin: 'rootpin99' } },
    storages: [memoryStorage(world)],
    log: { debug: note, info: note, warn: note },
  })
  const collector = reading('mem://b/x', { account: { pin: PIN } }, `${PIN} and rootpin99`)
  const plan = await oc.plan(collector)
  expect(plan.options['storageOptions']).toEqual({ account: { pin: '[redacted]' } })
  await oc.collect(collector)
  expect(said).toEqual(['opened [redacted] and [redacted]'])
  const written = Buffer.concat([...textsBelow(world, root).values()].map((text) => Buffer.from(text)))
  expect(written.includes('script:things')).toBe(true)
  expect(written.includes(PIN)).toBe(false)
  expect(written.includes('rootpin99')).toBe(false)
})

it('hides the signed parts of an address', async () => {
  const root = makeRoot()
  const signed =
    'mem://b/x?X-Amz-Signature=aabbccdd11&X-Amz-Security-Token=ttookkeenn&sig=ssiigg%3D&X-Goog-Signature=gooogle1'
  const world = createMemoryWorld()
  world.objects.set(signed, Buffer.from('hello'))
  world.objects.set(`${signed}2`, Buffer.from('again'))
  const oc = new OmniCollector({ root, storages: [memoryStorage(world)] })
  await oc.collect(reading(signed), { dataset: 'signed' })
  for (const part of ['aabbccdd11', 'ttookkeenn', 'ssiigg', 'gooogle1']) {
    // The rows name the second object: that is data, and not what is looked for here.
    expect(Buffer.from(JSON.stringify((await oc.snapshots())[0]?.manifest.source)).includes(part)).toBe(false)
    expect((await oc.plan(reading(signed))).label).not.toContain(part)
  }
})
