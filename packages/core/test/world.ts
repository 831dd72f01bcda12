import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import {
  type Capabilities,
  type Chunk,
  type Collector,
  createCollector,
  defineSource,
  type Position,
  type Reader,
  type ReadRequest,
  type SourceDefinition,
  type StandardSchemaV1,
  type Stream,
} from '@omni/spec'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { expect, onTestFinished } from 'vitest'

/** A new folder that goes after the test. */
export function makeRoot(): string {
  const root = mkdtempSync(path.join(tmpdir(), 'omni-core-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  return root
}

/** Any value passes. */
export const anything = <Value>(): StandardSchemaV1<unknown, Value> => ({
  '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as Value }) },
})

type Read = (stream: Stream, from: Position | undefined, request: ReadRequest) => AsyncIterable<Chunk>

export interface Script extends Partial<Omit<Reader, 'read' | 'discover'>> {
  readonly read: Read
  readonly streams?: readonly Stream[]
  readonly capabilities?: Capabilities
  readonly options?: object
  readonly label?: string
  readonly dataset?: string
  readonly definition?: Partial<SourceDefinition<object>>
}

/** A collector that does what the script says. */
export function scripted(script: Script): Collector {
  const { read, streams, capabilities, options, label, dataset, definition, ...reader } = script
  const { source } = defineSource<object>({
    name: 'script',
    summary: 'Does what the test says.',
    locator: 'x' as never,
    options: anything(),
    capabilities: capabilities ?? { replay: true },
    describe: () => ({ label: label ?? 'script:things', dataset: dataset ?? 'things' }),
    open: () => ({ discover: async () => streams ?? [{ name: 'things' }], read, ...reader }),
    ...definition,
  })
  return createCollector(source, options ?? {})
}

/** A read that yields these chunks. */
export function chunks(...all: readonly Chunk[]): Read {
  return async function* () {
    yield* all
  }
}

/** Paths of all files below a folder, sorted, with `/`. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .sort()
}

/** Everything that is in any file below a folder, and the names. */
export function allBytes(folder: string): Buffer {
  const names = filesBelow(folder)
  return Buffer.concat([
    Buffer.from(names.join('\n')),
    ...names.map((name) => readFileSync(path.join(folder, name))),
  ])
}

/** Each is what the published JSON Schema says. */
export function expectValid(...manifests: readonly unknown[]): void {
  const schema = JSON.parse(
    readFileSync(new URL('../schema/manifest-1.json', import.meta.url), 'utf8'),
  ) as object
  const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false, allowUnionTypes: true })
  formats.default(ajv)
  const validate = ajv.compile(schema)
  for (const manifest of manifests) {
    validate(manifest)
    expect(validate.errors ?? []).toEqual([])
  }
}

/** Each manifest below the root is what the published JSON Schema says. */
export function expectValidManifests(root: string): void {
  const manifests = filesBelow(root).filter((file) => file.endsWith('manifest.json'))
  expect(manifests.length).toBeGreaterThan(0)
  for (const file of manifests) {
    expectValid(JSON.parse(readFileSync(path.join(root, file), 'utf8')))
    expect(statSync(path.join(root, file)).mode & 0o777).toBe(0o444)
  }
}
