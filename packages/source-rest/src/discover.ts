import type { Description, Stream } from '@omni/spec'
import type { RestSettings } from './options.ts'

/** Label and dataset by the last segment of the path, or the host; never by the query. */
export function describeEndpoint(settings: RestSettings): Description {
  const url = new URL(settings.url)
  const last = url.pathname.split('/').findLast((segment) => segment !== '')
  const name = last === undefined ? url.hostname : decode(last)
  return { label: `rest:${name}`, dataset: name.replace(/\.json$/i, '') }
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

/** The one stream: the endpoint. */
export function discoverEndpoint(settings: RestSettings): Stream {
  return {
    name: describeEndpoint(settings).dataset,
    notes: [`paging: ${settings.paging}`, `records: ${settings.records ?? 'the list in the answer'}`],
  }
}
