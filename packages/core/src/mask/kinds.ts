/** Classes of personal data, as small numbers that fit the edit list. */
export const KINDS = { email: 1, phone: 2, ssn: 3, other: 4 } as const

export type KindName = keyof typeof KINDS
export type Kind = (typeof KINDS)[KindName]

/** Names by number; index 0 is none. */
export const KIND_NAMES: readonly (KindName | '')[] = ['', 'email', 'phone', 'ssn', 'other']

/** What `redact` writes instead of a value. */
export const TOKENS: Readonly<Record<KindName, string>> = {
  email: '[EMAIL]',
  phone: '[PHONE]',
  ssn: '[SSN]',
  other: '[REDACTED]',
}

/** How a replacement stands in the text: the bare token, the token as a JSON string, or JSON null. */
export const FORMS = { token: 0, quoted: 1, null: 2 } as const

/** Bytes of every replacement, at index `kind * 4 + form`. */
export const REPLACEMENTS: readonly Uint8Array[] = replacements()

function replacements(): readonly Uint8Array[] {
  const encoder = new TextEncoder()
  return KIND_NAMES.flatMap((name) => {
    const token = name === '' ? '' : TOKENS[name]
    return [token, `"${token}"`, 'null', ''].map((text) => encoder.encode(text))
  })
}
