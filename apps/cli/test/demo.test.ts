import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createWorld, type World } from './world.ts'

const DEMO = fileURLToPath(new URL('../../../examples/demo/demo.ts', import.meta.url))

let world: World
beforeEach(() => {
  world = createWorld()
})
afterEach(() => world.remove())

it('the demo holds what it promises, and can be run again', { timeout: 120_000 }, () => {
  for (let run = 0; run < 2; run++) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [DEMO], {
      cwd: world.folder,
      encoding: 'utf8',
    })
    expect(stdout).not.toContain('NOT TRUE')
    expect(stdout).toContain('in everything that was written: 0')
    expect(stdout).toContain('verify caught it')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  }
})
