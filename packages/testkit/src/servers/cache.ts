import { existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where `.ci/run` puts servers that no package of the system has: `OMNI_CACHE`, by default `~/.cache/omni`. */
function cacheFolder(): string {
  return join(process.env['OMNI_CACHE'] ?? join(homedir(), '.cache', 'omni'), 'servers')
}

/** The newest folder `name@version` in the cache of installed servers. */
export function cachedServer(
  name: string,
): { readonly folder: string; readonly version: string } | undefined {
  const start = `${name}@`
  const order = new Intl.Collator('en', { numeric: true })
  try {
    const [newest] = readdirSync(cacheFolder())
      .filter((entry) => entry.startsWith(start) && existsSync(join(cacheFolder(), entry, '.complete')))
      .sort((a, b) => order.compare(b, a))
    return newest === undefined
      ? undefined
      : { folder: join(cacheFolder(), newest), version: newest.slice(start.length) }
  } catch {
    return undefined
  }
}
