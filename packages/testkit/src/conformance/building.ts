import { createCollector, isFault } from '@omni/spec'
import { type Check, must } from './check.ts'
import { openSession, readAll, streamOf, textOf, withSession } from './session.ts'
import type { World } from './world.ts'

export const BUILDING: readonly Check[] = [
  {
    id: 'C01',
    title: 'building a collector and open do no I/O',
    run: async (world) => {
      world.collector()
      const before = resources()
      const session = openSession(world.collector())
      await settle()
      const left = moreThan(resources(), before)
      await session.reader.close?.()
      must(left === '', `open left ${left} behind before any method was called`)
    },
  },
  {
    id: 'C02',
    title: 'wrong options fail at once, with every path',
    run: async (world) => {
      const { source } = world.collector()
      must(world.wrongOptions.length > 0, 'the world gives no wrong options')
      for (const { options, paths } of world.wrongOptions) {
        const error = thrown(() => createCollector(source, options))
        must(error !== undefined, `options were accepted that should name ${paths.join(', ')}`)
        must(isFault(error) && error.kind === 'config', 'wrong options did not give a fault of kind config')
        for (const path of paths)
          must(textOf(error).includes(path), `the fault does not name the option ${path}`)
      }
    },
  },
  {
    id: 'C03',
    title: 'describe is pure, and the label is kind:name',
    run: async (world) => {
      const { source, options, label, dataset } = world.collector()
      const [one, two] = [source.describe(options), source.describe(options)]
      must(JSON.stringify(one) === JSON.stringify(two), 'describe gives another answer the second time')
      must(/^[a-z0-9-]+:.+/.test(label), `the label is not <kind>:<name>`)
      must(dataset !== '', 'the dataset name is empty')
    },
  },
  {
    id: 'C04',
    title: 'secrets are declared, and show up nowhere',
    absent: (world) => (world.secrets?.length ? undefined : 'the world gives no secrets'),
    run: async (world) => {
      const collector = world.collector()
      await world.seed()
      await withSession(collector, async (session) => {
        const stream = await streamOf(session, world)
        const reading = await readAll(session, world)
        const said = JSON.stringify([
          collector.label,
          collector.dataset,
          stream.name,
          stream.notes ?? [],
          session.logged,
          reading.chunks.map(({ position, rejected }) => [
            position,
            rejected?.map(({ locator, reason }) => [locator, reason]),
          ]),
        ])
        for (const secret of world.secrets ?? []) {
          must(
            !said.includes(secret),
            'a secret shows in a label, stream, note, log, position or rejected reason',
          )
        }
        const undeclared = (world.secrets ?? []).filter((secret) => !declaredSecret(world, secret))
        must(undeclared.length === 0, 'a secret option is not listed in secrets, so core could not redact it')
      })
    },
  },
]

/** True when core would redact it: a path in `secrets` leads to it, or it is the password of a URL. */
function declaredSecret(world: World, secret: string): boolean {
  const { source, options } = world.collector()
  const found: string[] = []
  const walk = (value: unknown, path: readonly string[]): void => {
    if (typeof value === 'string') {
      if (value.includes(secret) && !isUrlPassword(value, secret)) found.push(path.join('.'))
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) walk(inner, [...path, key])
    }
  }
  walk(options, [])
  const patterns = (source.secrets ?? []).map((path) => path.split('.'))
  return found.every((path) => {
    const parts = path.split('.')
    return patterns.some((pattern) =>
      pattern.every((part, i) => part === '*' || part.toLowerCase() === parts[i]?.toLowerCase()),
    )
  })
}

function isUrlPassword(value: string, secret: string): boolean {
  return URL.canParse(value) && decodeURIComponent(new URL(value).password) === secret
}

function thrown(act: () => unknown): unknown {
  try {
    act()
    return undefined
  } catch (error) {
    return error
  }
}

/** Sockets, handles and timers that keep the process alive, counted by kind. */
export function resources(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const kind of process.getActiveResourcesInfo()) {
    // What the test runner itself opens and closes.
    if (
      /^(TTYWrap|PipeWrap|MessagePort|Immediate|Microtask|FSReqPromise|FSReqCallback|ConnectWrap)$/.test(kind)
    )
      continue
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  return counts
}

/** What `after` has more of, in words. */
export function moreThan(after: ReadonlyMap<string, number>, before: ReadonlyMap<string, number>): string {
  return [...after]
    .filter(([kind, count]) => count > (before.get(kind) ?? 0))
    .map(([kind]) => kind)
    .join(', ')
}

export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
}
