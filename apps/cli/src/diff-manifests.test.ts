import type { Manifest } from '@omni/core'
import { expect, it } from 'vitest'
import { diffManifests } from './diff-manifests.ts'

const counts = { read: 3, kept: 3, quarantined: 0, filtered: 0 }

function manifest(
  snapshot: string,
  columns: Record<string, string>,
  digest: string,
  bytes: number,
): Manifest {
  const schema = Object.entries(columns).map(([name, type]) => ({ name, type, nullable: true }))
  return {
    snapshot,
    counts,
    digest: { algorithm: 'omni-sha256/1', value: digest },
    streams: [{ name: 's', schema }],
    position: [{ stream: 's', split: null, from: null, to: { bytes } }],
  } as unknown as Manifest
}

it('names columns that came, went and changed, and moved positions', () => {
  const diff = diffManifests(
    manifest('a', { id: 'int32', old: 'utf8', n: 'int32' }, 'd1', 1),
    manifest('b', { id: 'int32', n: 'int64', fresh: 'bool' }, 'd2', 2),
  )
  expect(diff.sameContent).toBe(false)
  expect(diff.columns).toEqual([
    { column: 'old', what: 'removed', from: 'utf8', to: null },
    { column: 'n', what: 'type', from: 'int32', to: 'int64' },
    { column: 'fresh', what: 'added', from: null, to: 'bool' },
  ])
  expect(diff.position).toEqual([{ stream: 's', split: null, from: { bytes: 1 }, to: { bytes: 2 } }])
})

it('finds nothing between equal snapshots', () => {
  const diff = diffManifests(manifest('a', { id: 'int32' }, 'd', 1), manifest('b', { id: 'int32' }, 'd', 1))
  expect(diff).toMatchObject({ sameContent: true, columns: [], position: [] })
})
