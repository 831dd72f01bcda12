import { fileFault } from '../errors.ts'
import { decodeName, isTarHeader, readPax, readTarHeader, TAR_BLOCK } from './tar-header.ts'

/** Where a tar archive is read from: a stream, or ranges of an object. */
export interface TarInput {
  /** The next bytes; fewer only at the end of the archive. */
  take(bytes: number): Promise<Uint8Array>
  /** Goes on by so many bytes; false when there are fewer. */
  skip(bytes: number): Promise<boolean>
  /** Bytes taken and skipped so far. */
  readonly position: number
}

/** One file, folder or link of the archive. Its data begins where the input is. */
export interface TarEntry {
  readonly name: string
  readonly size: number
  readonly modifiedMs: number | undefined
  readonly kind: 'file' | 'other'
}

/** Bytes that an extended header or a long name may have. */
const MAX_EXTENDED = 1 << 20
/** Links, devices and folders have no data, whatever size their header says. */
const WITHOUT_DATA = new Set(['1', '2', '3', '4', '5', '6'])
/** Known, and not read. */
const REFUSED: Readonly<Record<string, string>> = {
  S: 'a sparse file, as of tar --sparse',
  M: 'a file that began on another volume',
  N: 'names in the way of GNU tar 1.11 and older',
}

/** What extended headers said of the next entry, or of all that follow. */
type Extended = ReadonlyMap<string, Uint8Array>

/** Reads headers one after the other; the data between them is for who reads the input. */
export class TarEntries {
  readonly #input: TarInput
  #global: Extended = new Map()
  /** Padded bytes of the current entry's data, and where they begin. */
  #dataEnd = 0
  #hasBegun = false

  constructor(input: TarInput) {
    this.#input = input
  }

  /** The next entry, past the data of the one before; undefined at the end of the archive. */
  async next(): Promise<TarEntry | undefined> {
    await this.#skipTo(this.#dataEnd)
    let extended: Extended = new Map()
    let longName: string | undefined
    while (true) {
      const block = await this.#header()
      if (block === undefined) return undefined
      const header = readTarHeader(block)
      const { type } = header
      if (type === 'x' || type === 'X') extended = readPax(await this.#extended(header.size))
      else if (type === 'g')
        this.#global = new Map([...this.#global, ...readPax(await this.#extended(header.size))])
      else if (type === 'L') longName = trimNul(await this.#extended(header.size))
      else if (type === 'K') await this.#extended(header.size)
      else {
        const facts = new Map([...this.#global, ...extended])
        const refused = REFUSED[type] ?? (isSparse(facts) ? REFUSED['S'] : undefined)
        if (refused !== undefined) {
          throw fileFault('file.tar.unsupported', `The tar archive holds ${refused}, which is not read.`)
        }
        const path = facts.get('path')
        const name = path?.length ? decodeName(path) : (longName ?? header.name)
        const isData = !WITHOUT_DATA.has(type)
        const size = isData ? (numberOf(facts.get('size')) ?? header.size) : 0
        this.#dataEnd = this.#input.position + padded(size)
        const isFile = isData && type !== 'V' && type !== 'D' && !name.endsWith('/')
        const modified = facts.get('mtime')
        return {
          name,
          size,
          modifiedMs: modified?.length ? secondsOf(modified) : header.modifiedMs,
          kind: isFile ? 'file' : 'other',
        }
      }
    }
  }

  /** The next header, or undefined behind the end mark. Archives joined to one are read on. */
  async #header(): Promise<Uint8Array | undefined> {
    for (let zeros = 0; ; ) {
      const block = await this.#input.take(TAR_BLOCK)
      if (block.length === 0 && zeros > 0) return undefined
      if (block.length < TAR_BLOCK) {
        if (zeros > 0 && block.every((byte) => byte === 0)) return undefined
        // Without an end mark nobody knows whether files are missing.
        throw fileFault('file.truncated', 'The tar archive ends in the middle, or without its end mark.')
      }
      if (block.every((byte) => byte === 0)) {
        zeros++
        continue
      }
      if (isTarHeader(block)) {
        this.#hasBegun = true
        return block
      }
      if (zeros > 0 && this.#hasBegun) {
        throw fileFault('file.trailing', 'Something else follows the end of the tar archive.')
      }
      throw fileFault('file.tar.corrupt', 'The tar archive is damaged: a header has a wrong checksum.')
    }
  }

  async #extended(size: number): Promise<Uint8Array> {
    if (size > MAX_EXTENDED) {
      throw fileFault('file.tar.corrupt', 'An extended header of the tar archive has more than a mebibyte.')
    }
    const end = this.#input.position + padded(size)
    const bytes = Uint8Array.from(await this.#input.take(size))
    if (bytes.length < size) throw cut()
    await this.#skipTo(end)
    return bytes
  }

  async #skipTo(end: number): Promise<void> {
    const left = end - this.#input.position
    if (left > 0 && !(await this.#input.skip(left))) throw cut()
  }
}

function padded(size: number): number {
  return Math.ceil(size / TAR_BLOCK) * TAR_BLOCK
}

function trimNul(bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  return decodeName(end < 0 ? bytes : bytes.subarray(0, end))
}

/** https://www.gnu.org/software/tar/manual/html_node/Sparse-Formats.html */
function isSparse(facts: Extended): boolean {
  for (const key of facts.keys()) if (key.startsWith('GNU.sparse.')) return true
  return false
}

function numberOf(value: Uint8Array | undefined): number | undefined {
  if (value === undefined || value.length === 0) return undefined
  const text = Buffer.from(value).toString('latin1')
  const number = Number(text)
  if (!/^\d{1,16}$/.test(text) || !Number.isSafeInteger(number)) {
    throw fileFault('file.tar.corrupt', 'An extended header of the tar archive has a size that is no number.')
  }
  return number
}

function secondsOf(value: Uint8Array): number | undefined {
  const seconds = Number(Buffer.from(value).toString('latin1'))
  return Number.isFinite(seconds) ? Math.floor(seconds * 1000) : undefined
}

function cut(): Error {
  return fileFault('file.truncated', 'The tar archive ends in the middle of a file.')
}
