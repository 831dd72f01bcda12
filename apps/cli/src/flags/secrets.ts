// biome-ignore-all lint/suspicious/noTemplateCurlyInString: a person is told to write these marks
import type { Io } from '../io.ts'

const SECRET_NAME = /auth|cookie|cred|key|pass|secret|session|sig|token/i

/** A secret on the command line can be read by every process of the machine, and stays in the shell's history. */
export function warnOfSecrets(
  secrets: readonly string[],
  options: Readonly<Record<string, unknown>>,
  io: Io,
): void {
  for (const path of secrets) {
    for (const name of literalsAt(options, path.split('.'))) {
      io.stderr.write(
        `${io.stderr.theme.warn('warning')}  \`${name}\` was given on the command line, where others can see it. ` +
          "Write '${env:NAME}' or '${file:path}' instead.\n",
      )
    }
  }
}

/** Names of given values at a path; of those at `*` (any header, any parameter) only what sounds like a secret. */
function literalsAt(value: unknown, path: readonly string[], at = ''): string[] {
  const [key, ...rest] = path
  if (key === undefined) return isLiteral(value) ? [at] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value)
    .filter(([name]) => (key === '*' ? SECRET_NAME.test(name) : name.toLowerCase() === key.toLowerCase()))
    .flatMap(([name, item]) => literalsAt(item, rest, at === '' ? name : `${at}.${name}`))
}

/** `${env:X}` and `Bearer ${env:X}` are no secrets themselves. */
function isLiteral(value: unknown): boolean {
  if (typeof value === 'number') return true
  return typeof value === 'string' && !/^(\w+ )?\$\{[^}]+\}$/.test(value)
}
