import { fault } from '@omni/spec'
import type { Manifest, ManifestStream } from './manifest.ts'

/** The manifest from its text; the fault `data` when it is none, naming the file. */
export function parseManifest(text: string, file: string): Manifest {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw broken(file, 'is not JSON')
  }
  const version = (value as { version?: unknown } | null)?.version
  if (typeof version === 'number' && version > 1) {
    throw fault({
      kind: 'unsupported',
      code: 'manifest.version',
      why: `${file} has format version ${version}, which this version does not read.`,
      fix: 'Update @omni/core.',
    })
  }
  const problem = problemOf(value as Partial<Manifest> | null)
  if (problem !== undefined) throw broken(file, problem)
  return value as Manifest
}

/** Looks at what core itself relies on; the published JSON Schema says all of it. */
function problemOf(value: Partial<Manifest> | null): string | undefined {
  if (typeof value !== 'object' || value === null || value.version !== 1) return 'is not a manifest'
  if (typeof value.dataset !== 'string' || typeof value.snapshot !== 'string') return 'has no name'
  if (typeof value.digest?.value !== 'string' || !/^[0-9a-f]{64}$/.test(value.digest.value))
    return 'has no digest'
  if (typeof value.counts?.kept !== 'number') return 'has no counts'
  if (!['parquet', 'csv', 'ndjson'].includes(value.format as string)) return 'has an unknown format'
  if (!Array.isArray(value.position) || !Array.isArray(value.streams)) return 'has no streams'
  for (const stream of value.streams as readonly ManifestStream[]) {
    const isWhole =
      typeof stream?.name === 'string' &&
      typeof stream.folder === 'string' &&
      typeof stream.digest === 'string' &&
      Array.isArray(stream.schema) &&
      Array.isArray(stream.files)
    if (!isWhole) return 'has a broken stream'
    const paths = [stream.folder, ...stream.files.map((part) => part?.path)]
    if (!paths.every(isInside)) return 'names a file outside its folder'
  }
  if (value.quarantine && !isInside(value.quarantine.path)) return 'names a file outside its folder'
  return undefined
}

function isInside(path: unknown): boolean {
  return typeof path === 'string' && !/(^|[/\\])\.\.?([/\\]|$)|^[/\\]|^[a-z]:|\0/i.test(path)
}

function broken(file: string, what: string): Error {
  return fault({
    kind: 'data',
    code: 'manifest.broken',
    why: `${file} ${what}.`,
    fix: 'Run `omni-collect verify`, and bring the snapshot back from a copy.',
  })
}
