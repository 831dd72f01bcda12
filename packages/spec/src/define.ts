import type { Collector, Position, Source, SourceDefinition, SourceFunction } from './contract.ts'
import { fault } from './fault.ts'
import type { StandardIssue, StandardSchemaV1 } from './standard.ts'
import type { Storage, StorageDefinition } from './storage.ts'

const SOURCE: unique symbol = Symbol.for('omni.source') as never
const STORAGE: unique symbol = Symbol.for('omni.storage') as never
const COLLECTOR: unique symbol = Symbol.for('omni.collector') as never

/**
 * Seals a definition and returns the function that configures it. Throws the fault `config` at once when
 * options are wrong, with every issue and its path.
 */
export function defineSource<
  Options extends object,
  P extends Position = Position,
  Input extends object = Options,
>(definition: SourceDefinition<Options, P>): SourceFunction<Input, Options, P> {
  const source: Source<Options, P> = Object.freeze({ ...definition, spec: 1 as const, [SOURCE]: true })
  const configure = (first: string | object, more: object = {}): Collector<Options, P> =>
    createCollector(source, typeof first === 'string' ? { ...more, [source.locator]: first } : first)
  return Object.assign(configure, { source }) as SourceFunction<Input, Options, P>
}

/** Validates options and makes the collector; does no I/O. */
export function createCollector<Options extends object, P extends Position>(
  source: Source<Options, P>,
  input: unknown,
): Collector<Options, P> {
  const options = validate(source.options, input, `${source.name}.options`, `Options of ${source.name}`)
  const described = source.describe(options)
  return Object.freeze({
    source,
    options,
    label: described.label,
    dataset: described.dataset,
    [COLLECTOR]: true,
  })
}

/** The validated value, or the fault `config` with every issue and its path, which begins with `at`. */
export function validate<Output>(
  schema: StandardSchemaV1<unknown, Output>,
  input: unknown,
  code: string,
  title: string,
  at?: string,
): Output {
  const result = schema['~standard'].validate(input)
  if (result instanceof Promise) {
    throw fault({
      kind: 'bug',
      code: `${code}.async`,
      why: `${title} are validated asynchronously.`,
      fix: 'Use a schema that validates synchronously.',
    })
  }
  if (!result.issues) return result.value
  const issues = result.issues.map((issue) => `${pathOf(issue, at)}: ${issue.message}`)
  throw fault({
    kind: 'config',
    code,
    why: `${title} are not valid: ${issues.join('; ')}.`,
    fix: 'Correct them; `omni-collect sources <name>` lists every option.',
  })
}

function pathOf(issue: StandardIssue, at: string | undefined): string {
  const inside = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part))
  const path = at === undefined ? inside : [at, ...inside]
  return path.length === 0 ? '(all)' : path.join('.')
}

/** True for what `defineSource` sealed, whichever copy of this package did. */
export function isSource(value: unknown): value is Source {
  return typeof value === 'object' && value !== null && SOURCE in value
}

/** Seals a storage. */
export function defineStorage<Options extends object>(
  definition: StorageDefinition<Options>,
): Storage<Options> {
  return Object.freeze({ ...definition, spec: 1 as const, [STORAGE]: true })
}

/** True for what `defineStorage` sealed, whichever copy of this package did. */
export function isStorage(value: unknown): value is Storage {
  return typeof value === 'object' && value !== null && STORAGE in value
}

/** True for a configured source, whichever copy of this package made it. */
export function isCollector(value: unknown): value is Collector {
  return typeof value === 'object' && value !== null && COLLECTOR in value
}
