import { readFileSync } from 'node:fs'

/** Versions of what wrote a snapshot. */
export function toolVersions(): Record<string, string> {
  const manifest = new URL('../package.json', import.meta.url)
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
  return { '@omni/core': version, node: process.versions.node }
}
