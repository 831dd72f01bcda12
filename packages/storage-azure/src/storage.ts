import { defineStorage, type Storage } from '@omni/spec'
import { notesOf } from './notes.ts'
import { storedObject } from './object.ts'
import { type AzureConfig, optionsSchema } from './options.ts'
import { openSession } from './session.ts'
import { copy, put, putIfAbsent, remove, upload } from './write.ts'

/** Azure Blob Storage, and the data lake on it. */
export const azure: Storage<AzureConfig> = defineStorage<AzureConfig>({
  name: 'azure',
  summary: 'Azure Blob Storage, and Data Lake Storage on it.',
  schemes: ['az', 'azure', 'abfs', 'abfss'],
  options: optionsSchema,
  secrets: ['accountKey', 'sasToken', 'connectionString'],
  open(options, ctx) {
    const session = openSession(options, ctx)
    return {
      object: (url) => storedObject(url, session),
      put: (url, bytes) => put(url, bytes, session),
      putIfAbsent: (url, bytes) => putIfAbsent(url, bytes, session),
      upload: (url, { signal } = {}) => upload(url, session, signal),
      copy: (from, to) => copy(from, to, session),
      remove: (urls) => remove(urls, session),
      notes: (url) => notesOf(url, session),
    }
  },
})
