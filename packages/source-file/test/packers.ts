import { execFileSync, spawnSync } from 'node:child_process'

/** What a program of this machine writes when it is given `input`; undefined where there is no such program. */
export function runTool(command: string, args: readonly string[], input: Uint8Array): Buffer | undefined {
  const result = spawnSync(command, args, { input, maxBuffer: 1 << 30 })
  if (result.error && 'code' in result.error && result.error.code === 'ENOENT') return undefined
  if (result.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${result.stderr}`)
  return result.stdout
}

/** What a Python program writes to its standard output; undefined where there is no Python. */
export function runPython(
  program: string,
  input: Uint8Array,
  args: readonly string[] = [],
): Buffer | undefined {
  return runTool('python3', ['-c', program, ...args], input)
}

/** True when the machine has this program. */
export function hasTool(command: string): boolean {
  try {
    execFileSync('which', [command], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Data of the kinds that compressors treat differently, each named. */
export function createSamples(size: number): Readonly<Record<string, Buffer>> {
  let seed = 42
  const random = (): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
    return seed >>> 8
  }
  const noise = Buffer.from(Array.from({ length: size }, () => random() & 255))
  const words = ['order', 'user', '2025-05-30', 'amount', 'ä€', '17.25', '\n', ',', ',', '"x"']
  let text = ''
  while (text.length < size) text += words[random() % words.length]
  return {
    empty: Buffer.alloc(0),
    one: Buffer.from('x'),
    text: Buffer.from(text),
    noise,
    zeros: Buffer.alloc(size),
    runs: Buffer.from(Array.from({ length: size }, (_, i) => Math.floor(Math.sqrt(i)) & 255)),
    mixed: Buffer.concat([noise.subarray(0, size >> 2), Buffer.from(text), Buffer.alloc(size >> 2), noise]),
  }
}

/** The bytes in pieces of this size, as a storage gives them. */
export async function* inPieces(bytes: Uint8Array, size = 1 << 16): AsyncGenerator<Uint8Array, void, void> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

/** All of a stream at once. */
export async function gather(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of source) parts.push(part)
  return Buffer.concat(parts)
}
