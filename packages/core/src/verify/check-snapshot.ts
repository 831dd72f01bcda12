import { createHash } from 'node:crypto'
import { isFault } from '@omni/spec'
import { combineDigests, createStreamDigest } from '../digest/index.ts'
import type { Home } from '../home/home.ts'
import { placeBelow } from '../home/place.ts'
import { schemaOfFields } from '../manifest/fields.ts'
import { type Manifest, type ManifestStream, sumCounts } from '../manifest/manifest.ts'
import { parseManifest } from '../manifest/parse.ts'
import { isMissing, sha256 } from '../snapshot/disk.ts'
import { readBlocks } from '../snapshot/snapshot.ts'
import type { LoggedSnapshot } from './check-record.ts'
import type { Note } from './finding.ts'

/** A snapshot to check. */
export interface SnapshotPlace {
  readonly dataset: string
  readonly name: string
  /** Absolute path, or URL. */
  readonly folder: string
  /** From the root, with `/`. */
  readonly shown: string
}

/** Checks one snapshot against its audit record: manifest, files, and the content digest of the decoded files. */
export async function checkSnapshot(
  home: Home,
  place: SnapshotPlace,
  logged: LoggedSnapshot | undefined,
  note: Note,
): Promise<void> {
  const manifestPath = `${place.shown}/manifest.json`
  let bytes: Uint8Array
  try {
    bytes = await home.read(placeBelow(place.folder, 'manifest.json'))
  } catch (error) {
    note(
      'snapshot.manifest',
      manifestPath,
      isMissing(error) ? 'The manifest is missing.' : 'The manifest cannot be read.',
    )
    return
  }
  if (logged === undefined)
    note('snapshot.unlogged', place.shown, 'The audit log has no line of this snapshot.')
  else if (sha256(bytes) !== logged.manifest) {
    note('manifest.sha256', manifestPath, 'The manifest was changed after it was written.')
  }
  let manifest: Manifest
  try {
    manifest = parseManifest(Buffer.from(bytes).toString('utf8'), manifestPath)
  } catch (error) {
    note('manifest.broken', manifestPath, isFault(error) ? error.why : 'The manifest cannot be read.')
    return
  }
  checkNames(place, manifest, logged, note)
  const broken = await checkFiles(home, place, manifest, note)
  await checkDigest(home, place, manifest, broken, note)
}

function checkNames(
  place: SnapshotPlace,
  manifest: Manifest,
  logged: LoggedSnapshot | undefined,
  note: Note,
): void {
  const { digest, snapshot, dataset } = manifest
  const isNamed =
    snapshot === place.name && dataset === place.dataset && place.name.endsWith(digest.value.slice(0, 12))
  if (!isNamed) note('snapshot.name', place.shown, 'The folder is not called what its manifest says.')
  if (logged !== undefined && logged.digest !== digest.value) {
    note('manifest.digest', `${place.shown}/manifest.json`, 'The digest is not the one of the audit log.')
  }
  const { counts } = manifest
  const isBalanced = counts.read === counts.kept + counts.quarantined + counts.filtered
  const sum = sumCounts(manifest.streams.map((stream) => stream.counts))
  if (!isBalanced || JSON.stringify(sum) !== JSON.stringify({ ...sum, ...counts })) {
    note('manifest.counts', `${place.shown}/manifest.json`, 'The counts do not add up.')
  }
}

/** Size and SHA-256 of every file; returns the paths that are not as they were. */
async function checkFiles(
  home: Home,
  place: SnapshotPlace,
  manifest: Manifest,
  note: Note,
): Promise<Set<string>> {
  const broken = new Set<string>()
  const files = [
    ...manifest.streams.flatMap((stream) => stream.files),
    ...(manifest.quarantine === null ? [] : [manifest.quarantine]),
  ]
  for (const file of files) {
    const problem = await fileProblem(home, placeBelow(place.folder, file.path), file)
    if (problem === undefined) continue
    broken.add(file.path)
    note(problem[0], `${place.shown}/${file.path}`, problem[1])
  }
  const known = new Set(['manifest.json', ...files.map((file) => file.path)])
  for (const found of await home.filesBelow(place.folder)) {
    if (!known.has(found))
      note('file.extra', `${place.shown}/${found}`, 'The manifest does not know this file.')
  }
  return broken
}

async function fileProblem(
  home: Home,
  file: string,
  expected: { readonly bytes: number; readonly sha256: string },
): Promise<readonly [string, string] | undefined> {
  try {
    const size = await home.sizeOf(file)
    if (size === undefined) return ['file.missing', 'The file is missing.']
    if (size !== expected.bytes)
      return ['file.size', `The file has ${size} bytes instead of ${expected.bytes}.`]
    const actual = await hashOf(home, file)
    if (actual === expected.sha256) return undefined
    return ['file.sha256', `The file was changed after it was written: its SHA-256 is ${actual}.`]
  } catch {
    return ['file.unreadable', 'The file cannot be read.']
  }
}

/** SHA-256 of a file as hex, read as a stream. */
async function hashOf(home: Home, path: string): Promise<string> {
  const file = await home.open(path)
  const hash = createHash('sha256')
  try {
    for await (const piece of file.stream()) hash.update(piece)
  } finally {
    await file.close()
  }
  return hash.digest('hex')
}

/** Decodes the files and computes the content digest anew; streams with a broken file are named already. */
async function checkDigest(
  home: Home,
  place: SnapshotPlace,
  manifest: Manifest,
  broken: ReadonlySet<string>,
  note: Note,
): Promise<void> {
  const roots: { name: string; root: Uint8Array }[] = []
  for (const stream of manifest.streams) {
    const where = `${place.shown}/${stream.folder === '' ? '' : `${stream.folder}/`}`
    if (stream.files.some((file) => broken.has(file.path))) continue
    try {
      const { root, rows } = await digestStream(home, place.folder, manifest, stream)
      roots.push({ name: stream.name, root })
      if (rows !== stream.counts.kept)
        note('stream.rows', where, `The files hold ${rows} rows instead of ${stream.counts.kept}.`)
      if (Buffer.from(root).toString('hex') !== stream.digest) {
        note('stream.digest', where, 'The rows are not those that the digest was made of.')
      }
    } catch (error) {
      note('stream.unreadable', where, isFault(error) ? error.why : 'The files cannot be decoded.')
    }
  }
  if (roots.length !== manifest.streams.length) return
  if (Buffer.from(combineDigests(roots)).toString('hex') !== manifest.digest.value) {
    note('snapshot.digest', place.shown, 'The content digest is not that of the manifest.')
  }
}

async function digestStream(
  home: Home,
  folder: string,
  manifest: Manifest,
  stream: ManifestStream,
): Promise<{ readonly root: Uint8Array; readonly rows: number }> {
  const digest = createStreamDigest(schemaOfFields(stream.schema))
  let rows = 0
  for await (const block of readBlocks(home, folder, manifest, stream)) {
    digest.add(block)
    rows += block.rows
  }
  return { root: digest.root(), rows }
}
