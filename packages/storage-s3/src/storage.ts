import { defineStorage, type Storage } from '@omni/spec'
import { copy } from './copy.ts'
import { notesOf } from './notes.ts'
import { storedObject } from './object.ts'
import { optionsSchema, type S3Config } from './options.ts'
import { remove } from './remove.ts'
import { openSession } from './session.ts'
import { put, putIfAbsent, upload } from './write.ts'

/** Amazon S3, and stores that speak its protocol. */
export const s3: Storage<S3Config> = defineStorage<S3Config>({
  name: 's3',
  summary: 'Amazon S3, and stores that speak its protocol.',
  schemes: ['s3', 's3a'],
  options: optionsSchema,
  secrets: ['secretAccessKey', 'sessionToken', 'sseCustomerKey'],
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
      close: () => session.close(),
    }
  },
})
