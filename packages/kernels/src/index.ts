export type { Kernels } from './kernels.ts'
export { loadKernels, loadKernelsSync, twins } from './load.ts'
