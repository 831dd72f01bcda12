import { createCsvSplitterTwin } from './csv-twin.ts'
import { createCsvSplitterWasm } from './csv-wasm.ts'
import { createJsonDecoderTwin } from './json-twin.ts'
import { createJsonDecoderWasm } from './json-wasm.ts'
import type { Kernels } from './kernels.ts'
import { type CompiledModule, compile, type Exports, instantiate } from './module.ts'
import { createPageEncoderTwin } from './pages-twin.ts'
import { createPageEncoderWasm } from './pages-wasm.ts'
import * as sweeps from './sweep-twin.ts'
import { createSweeps } from './sweep-wasm.ts'
import { createUtf16DecoderTwin, createUtf16DecoderWasm } from './utf16.ts'

/** The kernels in plain TypeScript: the specification, and what runs where WebAssembly SIMD is missing. */
export const twins: Kernels = {
  sweep: sweeps.sweep,
  indexCsv: sweeps.indexCsv,
  createCsvSplitter: createCsvSplitterTwin,
  createJsonDecoder: createJsonDecoderTwin,
  createPageEncoder: createPageEncoderTwin,
  createUtf16Decoder: createUtf16DecoderTwin,
}

/** The instance of this thread: a constant, made when first asked for. */
const loaded: { kernels?: Kernels } = {}

/** The kernels of this thread, compiled at the first call (about a millisecond). */
export function loadKernelsSync(): Kernels {
  if (!loaded.kernels) {
    const module = compile()
    loaded.kernels =
      module === null
        ? twins
        : {
            ...createSweeps(instantiate(module)),
            ...createPooled(module),
            createPageEncoder: () => createPageEncoderWasm(instantiate(module)),
          }
  }
  return loaded.kernels
}

/** Idle instances that are kept, and the memory of one that is not too large to keep. */
const IDLE = 4
const IDLE_BYTES = 8 * 1024 * 1024

/**
 * Splitters and decoders over instances that are used again: an engine reserves gigabytes of addresses for each
 * memory, and frees them only when it collects garbage.
 */
function createPooled(
  module: CompiledModule,
): Pick<Kernels, 'createCsvSplitter' | 'createJsonDecoder' | 'createUtf16Decoder'> {
  const idle: Exports[] = []
  const take = (): { exports: Exports; release: () => void } => {
    const exports = idle.pop() ?? instantiate(module)
    const release = (): void => {
      if (idle.length < IDLE && exports.memory.buffer.byteLength <= IDLE_BYTES) idle.push(exports)
    }
    return { exports, release }
  }
  return {
    createCsvSplitter: (dialect) => {
      const { exports, release } = take()
      return createCsvSplitterWasm(exports, dialect, release)
    },
    createJsonDecoder: () => {
      const { exports, release } = take()
      return createJsonDecoderWasm(exports, release)
    },
    createUtf16Decoder: (isBig) => {
      const { exports, release } = take()
      return createUtf16DecoderWasm(exports, isBig, release)
    },
  }
}

/** {@link loadKernelsSync} for callers that may wait. */
export async function loadKernels(): Promise<Kernels> {
  return loadKernelsSync()
}
