import path from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { safeName, snapshotName, snapshotTime, streamFolders } from './names.ts'

describe('safeName', () => {
  it.each([
    ['users', 'users'],
    ['../../etc/passwd', 'etc_passwd'],
    ['price table', 'price_table'],
    ['données é', 'données_é'],
    ['..', 'unnamed'],
    ['', 'unnamed'],
    ['.hidden', 'hidden'],
    ['CON', '_CON'],
    ['nul.txt', '_nul.txt'],
    ['a\0b\nc', 'a_b_c'],
    ['ann@example.com', 'EMAIL'],
    ['x'.repeat(300), 'x'.repeat(100)],
    ['ü'.repeat(300), 'ü'.repeat(50)],
  ])('%j is %s', (name, expected) => {
    expect(safeName(name)).toBe(expected)
  })

  it('is one segment inside its folder for any text, and stays as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const safe = safeName(name)
        expect(path.dirname(path.join('/root', safe))).toBe('/root')
        expect(safe.startsWith('.')).toBe(false)
        expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(101)
        expect(safe).toMatch(/^[\p{L}\p{N}._-]+$/u)
      }),
    )
  })
})

describe('names', () => {
  it('of streams differ, also where case does not count', () => {
    expect(streamFolders(['a', 'A', 'a ', 'manifest.json', 'b'])).toEqual([
      'a',
      'A-2',
      'a-3',
      'manifest.json-2',
      'b',
    ])
  })

  it('of snapshots sort by time and tell it', () => {
    const time = Date.parse('2025-05-30T23:14:09.007Z')
    const name = snapshotName(time, 'ab'.repeat(32))
    expect(name).toBe('20250530T231409.007Z-abababababab')
    expect(snapshotTime(name)).toBe(time)
    for (const other of ['.staging-x', 'x', `${name}.dvc`, `${name}x`, '20259930T231409.007Z-abababababab']) {
      expect(snapshotTime(other), other).toBeUndefined()
    }
  })
})
