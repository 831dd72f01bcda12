import { createCsvSplitterTwin } from './csv-twin.ts'
import { createCsvSplitterWasm } from './csv-wasm.ts'
import type { Kernels } from './kernels.ts'
import { compile, instantiate } from './module.ts'
import * as sweeps from './sweep-twin.ts'
import { createSweeps } from './sweep-wasm.ts'

/** The kernels in plain TypeScript: the specification, and what runs where WebAssembly SIMD is missing. */
export const twins: Kernels = {
  sweep: sweeps.sweep,
  indexCsv: sweeps.indexCsv,
  createCsvSplitter: createCsvSplitterTwin,
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
            createCsvSplitter: (dialect) => createCsvSplitterWasm(instantiate(module), dialect),
          }
  }
  return loaded.kernels
}

/** {@link loadKernelsSync} for callers that may wait. */
export async function loadKernels(): Promise<Kernels> {
  return loadKernelsSync()
}
