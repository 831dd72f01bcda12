import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { installAll, packAll, tryUnder } from './pack.ts'

// A stranger's install: the tarballs in an empty folder, under plain Node of both supported lines.
describe('the published packages', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'omni-pack-'))
  let packed: ReturnType<typeof packAll> = []
  let project = ''

  beforeAll(() => {
    packed = packAll(scratch)
    project = installAll(scratch, packed)
  }, 300_000)
  afterAll(() => rmSync(scratch, { recursive: true, force: true }))

  const digests: string[] = []
  for (const version of ['22.22.0', '24.21.0']) {
    it(`import and collect under Node ${version}`, { timeout: 300_000 }, () => {
      digests.push(tryUnder(nodeOf(version), project, packed))
      expect(new Set(digests).size).toBe(1)
    })
  }

  it('hold no test, no source map and no install script', () => {
    for (const { tarball } of packed) {
      const names = execFileSync('tar', ['tzf', tarball], { encoding: 'utf8' })
      expect(names).not.toMatch(/\.test\.|tsbuildinfo|\.map$/m)
      expect(names).toMatch(/README\.md/)
      expect(names).toMatch(/LICENSE/)
    }
  })
})

/** A plain Node of that version, installed once outside the tree. */
function nodeOf(version: string): string {
  if (process.version === `v${version}`) return process.execPath
  const cache = join(process.env['OMNI_CACHE'] ?? join(homedir(), '.cache', 'omni'), `node-${version}`)
  const binary = join(cache, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node')
  if (!existsSync(binary)) {
    mkdirSync(cache, { recursive: true })
    const name = `node-${process.platform}-${process.arch}@${version}`
    execFileSync('npm', ['install', '--prefix', cache, '--no-audit', '--no-fund', name], { stdio: 'ignore' })
  }
  return binary
}
