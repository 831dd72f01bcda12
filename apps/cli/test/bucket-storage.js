// A storage as a third party would publish it: buckets are folders of this machine, so that every process of a test
// sees the same objects. Installed into a test's project by `installBucketStorage` of world.ts.
import { randomUUID } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { copyFile, link, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A fault as `fault` of @omni/spec makes it: the package depends on nothing. */
function fail(kind, code, why) {
  const error = new Error(why)
  return Object.assign(error, {
    [Symbol.for('omni.fault')]: true,
    kind,
    code,
    why,
    fix: 'Correct it.',
    retryable: false,
  })
}

const properties = {
  folder: { type: 'string', description: 'Folder of the buckets.' },
  delayMs: { type: 'integer', description: 'How long each call takes.' },
  secretKey: { type: 'string', description: 'A secret.' },
}

const options = {
  '~standard': {
    version: 1,
    vendor: 'test',
    jsonSchema: { input: () => ({ type: 'object', properties, required: ['folder'] }) },
    validate(value) {
      const unknown = Object.keys(value).find((key) => !(key in properties))
      if (unknown !== undefined) return { issues: [{ message: 'is not known', path: [unknown] }] }
      for (const [key, { type }] of Object.entries(properties)) {
        if (value[key] !== undefined && typeof value[key] !== (type === 'string' ? 'string' : 'number'))
          return { issues: [{ message: 'has the wrong type', path: [key] }] }
      }
      return value.folder === undefined ? { issues: [{ message: 'is needed', path: ['folder'] }] } : { value }
    },
  },
}

export const bucket = Object.freeze({
  spec: 1,
  [Symbol.for('omni.storage')]: true,
  name: 'bucket',
  summary: 'Buckets that are folders.',
  schemes: ['bucket', 'tub'],
  options,
  secrets: ['secretKey'],
  open: ({ folder, delayMs = 0 }) => createStore(folder, delayMs),
})

function createStore(folder, delayMs) {
  const pathOf = (url) => join(folder, ...url.replace(/^[a-z]+:\/\//, '').split('/'))
  const pause = () => (delayMs > 0 ? sleep(delayMs) : undefined)
  const infoOf = async (url) => {
    const facts = await stat(pathOf(url)).catch(() => undefined)
    if (!facts?.isFile()) throw fail('missing', 'bucket.missing', `There is no ${url}.`)
    const { size, mtimeMs } = facts
    return {
      url,
      name: basename(url),
      size,
      etag: `${size}-${mtimeMs}`,
      modifiedMs: mtimeMs,
      isFolder: false,
    }
  }
  // Under another name first, so that an object appears whole.
  const draft = async (url, bytes) => {
    const path = pathOf(url)
    const aside = join(folder, `.draft-${randomUUID()}`)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(aside, bytes)
    return { path, aside }
  }
  return {
    object: (url) => ({
      async head() {
        await pause()
        return await infoOf(url)
      },
      async *stream({ start = 0, end } = {}) {
        await pause()
        await infoOf(url)
        if (end !== undefined && end <= start) return
        yield* createReadStream(pathOf(url), { start, ...(end === undefined ? {} : { end: end - 1 }) })
      },
      async read({ start, end }) {
        await pause()
        await infoOf(url)
        return (await readFile(pathOf(url))).subarray(start, end)
      },
      async *list() {
        await pause()
        const base = pathOf(url)
        if (!existsSync(base)) return
        const entries = await readdir(base, { recursive: true, withFileTypes: true })
        const keys = entries
          .filter((entry) => entry.isFile())
          .map(
            (entry) =>
              `${url.replace(/\/$/, '')}${join(entry.parentPath, entry.name).slice(base.replace(/\/$/, '').length)}`,
          )
        for (const key of keys.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))) {
          const info = await infoOf(key).catch(() => undefined)
          if (info !== undefined) yield info
        }
      },
    }),
    async put(url, bytes) {
      await pause()
      const { path, aside } = await draft(url, bytes)
      await rename(aside, path)
    },
    async putIfAbsent(url, bytes) {
      await pause()
      const { path, aside } = await draft(url, bytes)
      try {
        await link(aside, path)
        return true
      } catch (error) {
        if (error.code === 'EEXIST') return false
        throw error
      } finally {
        await rm(aside)
      }
    },
    upload(url) {
      const pieces = []
      return {
        write: async (bytes) => void pieces.push(Buffer.from(bytes)),
        finish: async () => {
          await pause()
          const { path, aside } = await draft(url, Buffer.concat(pieces))
          await rename(aside, path)
        },
        abort: async () => void pieces.splice(0),
      }
    },
    async copy(from, to) {
      await pause()
      await mkdir(dirname(pathOf(to)), { recursive: true })
      await copyFile(pathOf(from), pathOf(to))
    },
    async remove(urls) {
      await pause()
      for (const url of urls) await rm(pathOf(url), { force: true })
    },
    notes: async () => ['the bucket has no versioning'],
  }
}
