import { defineStorage, type Storage } from '@omni/spec'
import { httpFault } from './errors.ts'
import { httpObject } from './object.ts'
import { type HttpOptions, httpOptions } from './options.ts'

/** Files of http(s) servers, to read. Always there, since it needs no library. */
export const httpStorage: Storage<HttpOptions> = defineStorage<HttpOptions>({
  name: 'http',
  summary: 'Files of web servers, by http and https addresses; to read only.',
  schemes: ['http', 'https'],
  options: httpOptions,
  secrets: ['token', 'headers.*'],
  open(options, context) {
    const refuse = (): Promise<never> => {
      return Promise.reject(httpFault('http.write', 'Nothing is written to http and https addresses.'))
    }
    return {
      object: (url) => httpObject({ options, context }, url),
      put: refuse,
      putIfAbsent: refuse,
      upload: () => ({ write: refuse, finish: refuse, abort: () => Promise.resolve() }),
      copy: refuse,
      remove: refuse,
    }
  },
})
