import { WASM_BASE64 } from './generated/wasm.ts'

// The part of https://webassembly.github.io/spec/js-api/ that is used; its types come with neither
// TypeScript's es2024 library nor @types/node.
declare const WebAssembly: {
  validate(bytes: Uint8Array): boolean
  readonly Module: new (bytes: Uint8Array) => CompiledModule
  readonly Instance: new (module: CompiledModule, imports: object) => { readonly exports: unknown }
}

/** Compiled code without memory: a constant that every instance shares. */
export interface CompiledModule {
  readonly __module?: never
}

/** Linear memory; growing it makes a new buffer and detaches the old one. */
export interface LinearMemory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}

/** What assembly/index.ts exports; pointers and lengths in bytes. */
export interface Exports {
  readonly memory: LinearMemory
  heapBase(): number
  sweep(p: number, length: number, tables: number, base: number, out: number): number
  indexCsv(p: number, length: number, delimiter: number, quote: number, base: number, out: number): number
  configure(
    table: number,
    records: number,
    rejected: number,
    columns: number,
    nullText: number,
    nullLength: number,
    skipSpace: number,
    tail: number,
    tailLength: number,
    escapeByte: number,
  ): void
  split(
    input: number,
    length: number,
    final: number,
    delimiter: number,
    quote: number,
    maxRows: number,
    maxRejects: number,
    firstLine: number,
    result: number,
  ): void
  text(
    p: number,
    t: number,
    stride: number,
    n: number,
    quote: number,
    out: number,
    base: number,
    ends: number,
    validity: number,
    bit: number,
  ): number
  kinds(p: number, t: number, stride: number, n: number, out: number, slow: number): void
  readonly int64: Parse
  readonly decimal: ParseWith
  readonly float64: ParseWith
  readonly time: ParseWith
  readonly bool: ParseWith
  rowsStarting(
    p: number,
    records: number,
    stride: number,
    rows: number,
    prefix: number,
    length: number,
    out: number,
  ): number
  rowsAlone(table: number, columns: number, rows: number, out: number): number
  nullCount(): number
  slowCount(): number
  jsonConfigure(nodes: number, bare: number, whole: number, doubts: number, mostDoubts: number): void
  jsonRun(mode: number, from: number, to: number, maxRows: number, result: number): void
  jsonTruncate(rows: number): void
  jsonPack(bytes: number, n: number, out: number): number
  jsonShift(ends: number, n: number, base: number): void
  jsonIsWide(values: number, n: number): number
  utf16ToUtf8(p: number, n: number, isBig: number, out: number): number
  utf16Read(): number
  pagesBytes(values: number, offsets: number, index: number, n: number, out: number): number
  pagesWords(values: number, width: number, index: number, n: number, out: number): void
  pagesDecimals(
    values: number,
    width: number,
    size: number,
    isBig: number,
    index: number,
    n: number,
    out: number,
  ): number
  pagesBegin(
    slots: number,
    entries: number,
    dictionary: number,
    width: number,
    mostValues: number,
    mostBytes: number,
  ): void
  pagesPlaces(plain: number, n: number, places: number): number
  pagesSize(): number
  pagesLength(): number
  pagesHybrid(values: number, n: number, bitWidth: number, out: number): number
}

/** Reads a column of the field table; returns the first field that is not of the type, or -1. */
type Parse = (
  p: number,
  t: number,
  stride: number,
  n: number,
  out: number,
  validity: number,
  bit: number,
) => number

/** The same with one more argument: the scale, where slow rows go, or the kind. */
type ParseWith = (
  p: number,
  t: number,
  stride: number,
  n: number,
  out: number,
  validity: number,
  bit: number,
  more: number,
) => number

/** One compiled module a thread: it is a constant, made when first asked for because that takes a millisecond. */
const compiled: { module?: CompiledModule | null } = {}

/** The compiled kernels, or null where this engine has no WebAssembly SIMD. */
export function compile(): CompiledModule | null {
  if (compiled.module === undefined) {
    const bytes = Buffer.from(WASM_BASE64, 'base64')
    compiled.module = WebAssembly.validate(bytes) ? new WebAssembly.Module(bytes) : null
  }
  return compiled.module
}

/** A fresh instance with its own memory. */
export function instantiate(module: CompiledModule): Exports {
  return new WebAssembly.Instance(module, {}).exports as Exports
}

/** Grows the memory to at least `bytes`; true when that detached its views. */
export function ensureMemory(memory: LinearMemory, bytes: number): boolean {
  const missing = bytes - memory.buffer.byteLength
  if (missing <= 0) return false
  memory.grow(Math.ceil(missing / 65_536))
  return true
}
