import { defineProject } from 'vitest/config'

export default defineProject({
  test: {
    name: 'storage-s3',
    include: ['{src,test}/**/*.test.ts', '*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
