import { isDeepStrictEqual } from 'node:util'
import type { Collector, Position, Schema, Split, Stream } from '@omni/spec'
import { fault, validate } from '@omni/spec'
import type { Format } from './encode/index.ts'
import { datasetFolder } from './home/place.ts'
import type { PositionEntry } from './manifest/manifest.ts'
import { type MaskAction, type MaskPolicy, type MaskReport, maskText } from './mask/index.ts'
import type { Json, Redactor } from './redact/redactor.ts'
import { mapText } from './redact/redactor.ts'
import { redactUrls } from './redact/url.ts'
import type { StoredSnapshot } from './snapshot/catalog.ts'
import { sha256 } from './snapshot/disk.ts'
import { safeName, streamFolders } from './snapshot/names.ts'
import { createStreamRules } from './stream-rules.ts'

/** What a person can say about one collect. */
export interface CollectOptions {
  /** Name of the series of snapshots; default: what the source suggests. */
  readonly dataset?: string
  readonly tags?: Readonly<Record<string, string>>
  readonly masks?: readonly { readonly column: string; readonly action: MaskAction }[]
  /** False turns masking off; the manifest says so. */
  readonly mask?: boolean
  /** Default `parquet`. */
  readonly format?: Format
  /** Rows of each stream, at most. */
  readonly limit?: number
  /** Read from the start, whatever was collected before. */
  readonly full?: boolean
  /** Only these streams, by name. */
  readonly streams?: readonly string[]
  readonly signal?: AbortSignal
}

/** A share of a stream and where to resume it; a stream without splits has one share without a split. */
export interface PlannedShare {
  readonly split?: Split
  readonly from?: Position
}

export interface PlannedStream {
  readonly stream: Stream
  readonly name: string
  /** Folder inside the snapshot; empty when it is the only stream. */
  readonly folder: string
  /** Where the source knows it before reading. */
  readonly schema?: Schema
  /** What will be looked for in each column, by path, where the schema is known. */
  readonly masks?: MaskReport['columns']
  /** In the order in which they are read. */
  readonly shares: readonly PlannedShare[]
}

/** What a collect will read, mask and write. */
export interface Plan {
  readonly dataset: string
  readonly label: string
  readonly source: string
  /** Folder or URL that will hold the new snapshot. */
  readonly folder: string
  readonly format: Format
  readonly streams: readonly PlannedStream[]
  readonly policy: MaskPolicy
  readonly limit?: number
  /** True when nothing is resumed: every share is read from its start. */
  readonly isFull: boolean
  /** Options of the source without secrets. */
  readonly options: Readonly<Record<string, Json>>
  readonly tags: Readonly<Record<string, string>>
  /** The dataset's newest snapshot. */
  readonly previous: string | null
  /** Positions of shares that this run does not read, carried into the next manifest. */
  readonly carried: readonly PositionEntry[]
  /** For a person: what was decided and why. */
  readonly why: readonly string[]
}

/** Everything a plan follows from. */
export interface PlanInput {
  /** An absolute path, or a URL. */
  readonly root: string
  readonly collector: Collector
  readonly options: CollectOptions
  readonly streams: readonly { readonly stream: Stream; readonly splits?: readonly Split[] }[]
  readonly latest: StoredSnapshot | undefined
  readonly redactor: Redactor
}

/** Makes the plan; pure. */
export function makePlan(input: PlanInput): Plan {
  const { collector, options, latest, redactor } = input
  const { source } = collector
  const why: string[] = []
  const dataset = datasetOf(collector, options, redactor)
  const chosen = chooseStreams(input.streams, options.streams)
  const known = latest?.manifest.source.name === source.name ? latest.manifest.position : []
  const policy = policyOf(options)
  const changed =
    source.capabilities.versions === true && latest !== undefined && isOther(latest, input, policy)
  const usable = options.full || changed || !source.capabilities.positions ? [] : known
  if (options.full) why.push('Everything is read again, as asked.')
  else if (changed) why.push('Options, masks or format are others than last time: all is read again.')
  else if (!source.capabilities.positions)
    why.push(`The source ${source.name} has no positions: all is read.`)
  else if (latest === undefined) why.push(`The dataset ${dataset} has no snapshot: all is read.`)
  else if (usable.length === 0) why.push(`Snapshot ${latest.name} has no position: all is read.`)
  else why.push(`Goes on after snapshot ${latest.name}.`)

  const rules = createStreamRules(policy, chosen.length)
  const positions = new Map(usable.map((entry) => [shareKey(entry.stream, entry.split), entry.to]))
  const folders =
    chosen.length === 1 ? [''] : streamFolders(chosen.map(({ stream }) => redactor.text(stream.name)))
  const streams = chosen.map(({ stream, splits }, i): PlannedStream => {
    const shares = (splits ?? [undefined]).map((split) => shareOf(collector, positions, stream.name, split))
    for (const note of stream.notes ?? []) why.push(`${stream.name}: ${note}`)
    return {
      stream,
      name: stream.name,
      folder: folders[i] as string,
      ...(stream.schema === undefined
        ? {}
        : { schema: stream.schema, masks: rules.maskerFor(stream.schema).report().columns }),
      shares,
    }
  })
  const read = new Set(
    streams.flatMap(({ name, shares }) =>
      shares.map(({ split }) => shareKey(identityOf(name), split ? identityOf(split.id) : null)),
    ),
  )
  if (!policy.enabled) why.push('Masking is off, as asked: personal data will be at rest.')
  if (options.limit !== undefined) why.push(`At most ${options.limit} rows of each stream are read.`)
  const label = printable(redactor, collector.label)
  return {
    dataset,
    label,
    source: source.name,
    folder: datasetFolder(input.root, dataset),
    format: options.format ?? 'parquet',
    streams,
    policy,
    ...(options.limit === undefined ? {} : { limit: options.limit }),
    isFull: streams.every(({ shares }) => shares.every(({ from }) => from === undefined)),
    options: printableOptions(redactor),
    tags: tagsOf(input, dataset, policy),
    previous: latest?.name ?? null,
    carried: known
      .filter((entry) => !read.has(shareKey(entry.stream, entry.split)))
      .map((entry) => ({ ...entry, from: entry.to })),
    why: why.map((line) => printable(redactor, line)),
  }
}

/** The dataset's name, safe for a path. */
export function datasetOf(
  collector: Collector,
  options: Pick<CollectOptions, 'dataset'>,
  redactor: Redactor,
): string {
  return safeName(redactor.text(options.dataset ?? collector.dataset))
}

/** Key of a share among all of a dataset. */
export function shareKey(stream: string, split: string | null): string {
  return JSON.stringify([stream, split])
}

/**
 * How a stream or split is called in the positions of a manifest: its name, or where that holds something personal
 * or a secret, the masked name with a digest that tells it from others.
 */
export function identityOf(name: string): string {
  const plain = maskText(redactUrls(name))
  return plain === name ? name : `${plain}#${sha256(name).slice(0, 12)}`
}

/** Text for a log or a manifest: no secret, nothing personal. */
export function printable(
  redactor: Redactor,
  text: string,
  mask: (text: string) => string = maskText,
): string {
  return mask(redactor.text(text))
}

function chooseStreams(
  all: PlanInput['streams'],
  names: readonly string[] | undefined,
): PlanInput['streams'] {
  if (names === undefined) return all
  const unknown = names.filter((name) => !all.some(({ stream }) => stream.name === name))
  if (unknown.length > 0) {
    throw fault({
      kind: 'config',
      code: 'plan.stream',
      why: `There is no stream ${unknown.map((name) => JSON.stringify(name)).join(', ')}.`,
      fix: `There are: ${all.map(({ stream }) => stream.name).join(', ') || 'none'}.`,
    })
  }
  return all.filter(({ stream }) => names.includes(stream.name))
}

function shareOf(
  collector: Collector,
  known: ReadonlyMap<string, Position | null>,
  stream: string,
  split: Split | undefined,
): PlannedShare {
  const splitId = split === undefined ? null : identityOf(split.id)
  const from = known.get(shareKey(identityOf(stream), splitId))
  const share = split === undefined ? {} : { split }
  if (from == null) return share
  const { position } = collector.source
  if (position === undefined) return { ...share, from }
  try {
    return { ...share, from: validate(position, from, 'position', 'The position') }
  } catch {
    throw fault({
      kind: 'position',
      code: 'position.unknown',
      why: `The position of stream ${JSON.stringify(stream)} is not one of the source ${collector.source.name}.`,
      fix: 'Collect it again with --full, or as another --dataset.',
    })
  }
}

/** True when a snapshot was made with another policy, format or other options of the source than these. */
function isOther(
  { manifest }: StoredSnapshot,
  { options, redactor }: PlanInput,
  policy: MaskPolicy,
): boolean {
  const settings = [
    printablePolicy(policy, redactor),
    options.format ?? 'parquet',
    printableOptions(redactor),
  ]
  return !isDeepStrictEqual(
    plainJson([manifest.policy, manifest.format, manifest.source.options]),
    plainJson(settings),
  )
}

/** The policy as a manifest holds it: a rule may name a column by something personal. */
export function printablePolicy(policy: MaskPolicy, redactor: Redactor): MaskPolicy {
  return {
    ...policy,
    rules: policy.rules.map((rule) => ({ ...rule, column: printable(redactor, rule.column) })),
  }
}

function printableOptions(redactor: Redactor): Record<string, Json> {
  return mapText(redactor.options, maskText) as Record<string, Json>
}

function plainJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

function policyOf(options: CollectOptions): MaskPolicy {
  return { mode: 'detect', enabled: options.mask !== false, rules: options.masks ?? [] }
}

function tagsOf(input: PlanInput, dataset: string, policy: MaskPolicy): Record<string, string> {
  const { collector, options, redactor } = input
  const tags = {
    dataset,
    source_system: collector.source.name,
    sensitivity: policy.enabled ? 'masked' : 'unmasked',
    ...options.tags,
  }
  return Object.fromEntries(
    Object.entries(tags).map(([key, value]) => [printable(redactor, key), printable(redactor, value)]),
  )
}
