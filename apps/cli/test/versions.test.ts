import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OmniCollector } from '@omni/core'
import { file } from '@omni/source-file'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

// A file has versions: what makes a new snapshot is other content, or the same under other rules.
describe('collecting a file again', () => {
  let root = ''
  let users = ''
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'omni-versions-'))
    users = join(root, 'users.csv')
    writeFileSync(users, 'id,email\n1,ann@example.com\n')
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))
  const collect = (options = {}, more = {}) => new OmniCollector({ root }).collect(file(users, more), options)

  it('is unchanged when nothing happened, also when the file was only touched', async () => {
    const first = await collect()
    expect((await collect()).unchanged).toBe(true)
    utimesSync(users, new Date(), new Date(Date.now() + 60_000))
    expect(await collect()).toMatchObject({ unchanged: true, name: first.name })
  })

  it('makes a masked snapshot after one without masks, though the file did not change', async () => {
    const bare = await collect({ mask: false })
    const masked = await collect()
    expect(masked.unchanged).toBe(false)
    expect(masked.digest).not.toBe(bare.digest)
    expect(await masked.rowsAsObjects({})).toEqual([{ id: 1n, email: '[EMAIL]' }])
  })

  it('makes a new snapshot without a hit too, since the old one was never masked', async () => {
    writeFileSync(users, 'id,word\n1,plain\n')
    const bare = await collect({ mask: false })
    const masked = await collect()
    expect(masked).toMatchObject({ unchanged: false, digest: bare.digest })
    expect(masked.manifest.tags['sensitivity']).toBe('masked')
  })

  it('reads again for another format or another option of the source', async () => {
    await collect()
    expect((await collect({ format: 'csv' })).unchanged).toBe(false)
    const asText = await collect({ format: 'csv' }, { types: 'text' })
    expect(asText.unchanged).toBe(false)
    expect(await asText.rowsAsObjects({})).toEqual([{ id: '1', email: '[EMAIL]' }])
  })

  it('notices that the file has become empty', async () => {
    await collect()
    writeFileSync(users, 'id,email\n')
    expect(await collect()).toMatchObject({ unchanged: false, rows: 0 })
  })
})
