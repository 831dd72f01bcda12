import { defineProject } from 'vitest/config'

export default defineProject({
  test: {
    name: 'source-sqlite',
    include: ['{src,test}/**/*.test.ts', '*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
