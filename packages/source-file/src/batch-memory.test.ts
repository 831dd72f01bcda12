import { expect, it } from 'vitest'
import { createBatchMemory } from './batch-memory.ts'

it('gives memory again that came back, where it fits', () => {
  const memory = createBatchMemory()
  const [small, large] = [new ArrayBuffer(1000), new ArrayBuffer(9000)]
  memory.give([new ArrayBuffer(900)])
  expect(memory.take(900).byteLength).toBe(900)
  memory.give([large, small])
  expect(memory.take(900)).toBe(small)
  // Nine times too large, and then: gone.
  expect(memory.take(900)).not.toBe(large)
  expect(memory.take(9000)).toBe(large)
  expect(memory.take(9000)).not.toBe(large)
  expect(memory.take(9000).byteLength).toBe(9000)
})

it('holds no more than its bound', () => {
  const memory = createBatchMemory()
  const many = Array.from({ length: 40 }, () => new ArrayBuffer(1 << 20))
  memory.take(1)
  memory.give(many)
  const again = Array.from({ length: 40 }, () => memory.take(1 << 20))
  expect(again.filter((one) => many.includes(one))).toHaveLength(32)
})
