import path from 'node:path'

/** True for the URL of an object store; false for a path of this machine. */
export function isUrl(root: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(root)
}

/** A place below a root: a path of this machine, or a URL. */
export function placeBelow(root: string, ...names: readonly string[]): string {
  return isUrl(root) ? [root, ...names].filter((name) => name !== '').join('/') : path.join(root, ...names)
}

/** A place as seen from a root above it, with `/`. */
export function relativePlace(root: string, place: string): string {
  return isUrl(root) ? place.slice(root.length + 1) : path.relative(root, place).split(path.sep).join('/')
}

/** Folder of all datasets under a root. */
export function datasetsFolder(root: string): string {
  return placeBelow(root, 'data', 'raw')
}

/** Folder of one dataset. */
export function datasetFolder(root: string, dataset: string): string {
  return placeBelow(datasetsFolder(root), dataset)
}
