import { rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Fault } from '@omni/spec'
import { relativePlace } from '../home/place.ts'
import type { ManifestField, PositionEntry } from '../manifest/manifest.ts'
import type { StoredSnapshot } from '../snapshot/catalog.ts'
import { makeFolder, unlinkIfThere } from '../snapshot/disk.ts'

const PRODUCER = 'https://github.com/omnicollector/omnicollector'
/** https://openlineage.io/docs/spec/object-model */
const RUN_EVENT = 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent'
const FACETS = 'https://openlineage.io/spec/facets'

/** Namespace of all jobs of OmniCollector. */
export const LINEAGE_NAMESPACE = 'omnicollector'

/** What a run was, also when it made no snapshot. */
export interface LineageRun {
  readonly id: string
  readonly dataset: string
  readonly source: string
  readonly label: string
  readonly timeMs: number
}

/** The OpenLineage event of the run that published a snapshot; all of it comes from the manifest. */
export function completeEvent(root: string, { manifest, path: folder }: StoredSnapshot): object {
  const run: LineageRun = {
    id: manifest.lineage.run,
    dataset: manifest.dataset,
    source: manifest.source.name,
    label: manifest.source.label,
    timeMs: Date.parse(manifest.finishedAt),
  }
  const fields = manifest.streams.flatMap(({ schema }) => schema)
  return {
    ...eventOf('COMPLETE', run),
    inputs: inputsOf(run, manifest.position),
    outputs: [
      {
        ...datasetOf(root, folder),
        facets: {
          schema: facet('1-1-1/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet', {
            fields: fieldFacets(fields),
          }),
          version: facet('1-0-1/DatasetVersionDatasetFacet.json#/$defs/DatasetVersionDatasetFacet', {
            datasetVersion: manifest.snapshot,
          }),
        },
        outputFacets: {
          outputStatistics: facet(
            '1-0-2/OutputStatisticsOutputDatasetFacet.json#/$defs/OutputStatisticsOutputDatasetFacet',
            {
              rowCount: manifest.counts.kept,
              size: manifest.streams.flatMap(({ files }) => files).reduce((sum, { bytes }) => sum + bytes, 0),
            },
          ),
        },
      },
    ],
  }
}

/** The OpenLineage event of a run that failed; the fault's text must be printable. */
export function failEvent(run: LineageRun, error: Pick<Fault, 'code' | 'why'>): object {
  return eventOf('FAIL', run, {
    errorMessage: facet('1-0-1/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet', {
      message: `${error.code}: ${error.why}`,
      programmingLanguage: 'TypeScript',
    }),
  })
}

/** Inputs of one event, at most; of more, the manifest says which. */
const MAX_INPUTS = 1000

/** The system, or where it has several splits (files, partitions) those of them that this run read. */
function inputsOf(
  { source, label }: LineageRun,
  position: readonly PositionEntry[],
): readonly { readonly namespace: string; readonly name: string }[] {
  const splits = new Set(position.flatMap(({ split }) => (split === null ? [] : [split])))
  const read = new Set(
    position.flatMap(({ split, from, to }) => (split === null || isDeepStrictEqual(from, to) ? [] : [split])),
  )
  if (splits.size < 2 || read.size === 0 || read.size > MAX_INPUTS)
    return [{ namespace: source, name: label }]
  return [...read].map((split) => ({ namespace: source, name: `${label}/${split}` }))
}

/** https://openlineage.io/docs/spec/naming: of an object store, the bucket's URL and the key. */
function datasetOf(root: string, folder: string): { readonly namespace: string; readonly name: string } {
  const [, bucket, key] = /^([a-z][a-z0-9+.-]+:\/\/[^/]+)\/(.+)$/i.exec(folder) ?? []
  if (bucket !== undefined && key !== undefined) return { namespace: bucket, name: key }
  return { namespace: 'file', name: relativePlace(root, folder) }
}

/** Puts an event into the outbox `logs/lineage` of a folder. */
export async function putLocalLineage(root: string, runId: string, event: object): Promise<void> {
  const folder = path.join(root, 'logs', 'lineage')
  await makeFolder(folder)
  const file = path.join(folder, `${runId}.json`)
  try {
    // Under another name first, so that who empties the outbox never sees half an event.
    await writeFile(`${file}.part`, `${JSON.stringify(event)}\n`, { flag: 'wx' })
    await rename(`${file}.part`, file)
  } catch (error) {
    await unlinkIfThere(`${file}.part`)
    throw error
  }
}

function eventOf(eventType: 'COMPLETE' | 'FAIL', run: LineageRun, runFacets: object = {}): object {
  return {
    eventType,
    eventTime: new Date(run.timeMs).toISOString(),
    producer: PRODUCER,
    schemaURL: RUN_EVENT,
    run: { runId: run.id, facets: runFacets },
    job: { namespace: LINEAGE_NAMESPACE, name: run.dataset },
    inputs: [{ namespace: run.source, name: run.label }],
    outputs: [],
  }
}

function facet(schema: string, content: object): object {
  return { _producer: PRODUCER, _schemaURL: `${FACETS}/${schema}`, ...content }
}

function fieldFacets(fields: readonly ManifestField[]): object[] {
  return fields.map(({ name, type }) => ({ name, type }))
}
