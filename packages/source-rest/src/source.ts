import { defineSource, type Position, type SourceFunction } from '@omni/spec'
import { describeEndpoint, discoverEndpoint } from './discover.ts'
import { classify } from './errors.ts'
import { optionsSchema, type RestOptions, type RestSettings } from './options.ts'
import { firstPage } from './paging.ts'
import { readPages } from './read.ts'
import { placeOf, probe } from './request.ts'

/** JSON over HTTP: GET with parameters, paging, repetition. */
export const rest: SourceFunction<RestOptions, RestSettings> = defineSource<
  RestSettings,
  Position,
  RestOptions
>({
  name: 'rest',
  summary: 'A JSON API over HTTP, page by page.',
  schemes: ['http', 'https'],
  locator: 'url',
  options: optionsSchema,
  secrets: [
    'token',
    'headers.*',
    ...['key', 'api_key', 'apikey', 'apiKey', 'token', 'access_token', 'secret', 'signature', 'sig'].map(
      (name) => `params.${name}`,
    ),
  ],
  capabilities: { replay: true, check: true },
  describe: describeEndpoint,
  open(settings, ctx) {
    return {
      discover: () => Promise.resolve([discoverEndpoint(settings)]),
      read: (_stream, _from, request) => readPages(settings, ctx, request),
      async check() {
        const { url } = await probe(firstPage(settings), settings, ctx, ctx.signal)
        return { notes: [`${placeOf(url)} answers`] }
      },
    }
  },
  classify,
})
