import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeConformance } from '@omni/testkit/vitest'
import { lines } from '../src/index.ts'

describeConformance('lines', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lines-'))
  const path = join(folder, 'poem.txt')
  const rows = Array.from({ length: 40 }, (_, i) => ({ line: `line ${i}, 00${i}` }))
  return {
    collector: () => lines(path),
    seed: async () => {
      writeFileSync(path, rows.map(({ line }) => `${line}\n`).join(''))
      return { records: rows.length, rows }
    },
    wrongOptions: [{ options: { path: '' }, paths: ['path'] }],
    missing: () => lines(join(folder, 'gone.txt')),
    append: async () => {
      appendFileSync(path, 'one more\n')
      return { records: rows.length + 1 }
    },
    dispose: async () => rmSync(folder, { recursive: true }),
  }
})
