import { defineStorage, type Storage } from '@omni/spec'
import { notesOf } from './notes.ts'
import { storedObject } from './object.ts'
import { type GcsConfig, optionsSchema } from './options.ts'
import { openSession } from './session.ts'
import { copy, put, putIfAbsent, remove, upload } from './write.ts'

/** Google Cloud Storage. */
export const gcs: Storage<GcsConfig> = defineStorage<GcsConfig>({
  name: 'gcs',
  summary: 'Google Cloud Storage.',
  schemes: ['gs', 'gcs'],
  options: optionsSchema,
  secrets: ['credentials', 'encryptionKey'],
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
