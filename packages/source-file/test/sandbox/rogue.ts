import { parentPort } from 'node:worker_threads'

// A thread that goes wrong in the way that the name of its file says.

const held: unknown[] = []

const WAYS: Readonly<Record<string, () => void>> = {
  'endless loop': () => {
    while (true) held.length = 0
  },
  'objects without end': () => {
    while (true) held.push({ id: held.length, text: `x${held.length}` })
  },
  'buffers without end': () => {
    // A page is not there before it is written to.
    while (true) held.push(new Uint8Array(1 << 20).fill(1))
  },
  'one absurd buffer': () => {
    held.push(new Uint8Array(2 ** 52))
  },
  'endless recursion': () => {
    const down = (n: number): number => down(n + 1) + 1
    held.push(down(0))
  },
  exit: () => process.exit(3),
  throw: () => {
    throw new TypeError('secret-value')
  },
  silence: () => undefined,
  ask: () => parentPort?.postMessage({ kind: 'open', call: 1, start: 0, whole: false }),
}

parentPort?.on('message', (message: { kind: string; job?: { file: { info: { name: string } } } }) => {
  if (message.kind !== 'job') return
  try {
    WAYS[message.job?.file.info.name ?? '']?.()
  } catch (error) {
    parentPort?.postMessage({ kind: 'failed', error: String(error) })
  }
})

parentPort?.postMessage({ kind: 'ready' })
