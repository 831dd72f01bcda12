import { gzipSync } from 'node:zlib'
import { isFault } from '@omni/spec'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createWorld, readFile, type World } from './world.ts'
import { nestedBomb, overlappingBomb, type RawEntry, rawZip } from './zip-bombs.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.remove())

const LINE = Buffer.from('{"a":1}\n')

async function codeOf(name: string, bytes: Uint8Array): Promise<string> {
  const path = await world.write(name, bytes)
  const started = performance.now()
  try {
    await readFile(path)
    return 'no fault'
  } catch (error) {
    if (!isFault(error)) throw error
    console.log(
      `${name}: ${bytes.length} bytes, ${error.code} after ${Math.round(performance.now() - started)} ms`,
    )
    return error.code
  }
}

describe('hostile archives end in a classified fault', { timeout: 120_000 }, () => {
  it('zip in zip in zip, as one that holds itself', async () => {
    let quine: Buffer = rawZip([{ name: 'r.zip', data: LINE }])
    for (let i = 0; i < 8; i++) quine = rawZip([{ name: 'r.zip', data: quine }])
    expect(await codeOf('r.zip', quine)).toBe('file.nesting')
    expect(await codeOf('nested.zip', nestedBomb(6, 300 << 20))).toBe('file.nesting')
  })

  it('entries on each other, and sizes that lie', async () => {
    expect(await codeOf('overlap.zip', overlappingBomb(10_000))).toBe('file.bomb')
    const lies: readonly Partial<RawEntry>[] = [
      { size: 1 },
      { size: 0xfffffffe },
      { packedSize: 1 },
      { crc: 5 },
    ]
    for (const [i, lie] of lies.entries()) {
      const bytes = rawZip([{ name: 'a.ndjson', data: LINE, ...lie }])
      expect(await codeOf(`lie-${i}.zip`, bytes)).toBe('file.zip.corrupt')
    }
  })

  it('gzip of gzip of nothing but blanks', async () => {
    const blanks = Buffer.alloc(400 << 20, 0x20)
    expect(await codeOf('blank.json.gz.gz', gzipSync(gzipSync(blanks, { level: 9 })))).toBe('file.bomb')
  })
})
