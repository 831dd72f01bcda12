/** Stands where a secret was. */
export const REDACTED = '[redacted]'

/** Names of options, headers, query parameters and DSN keys whose value is always a secret. */
const SECRET_NAME =
  /(^|[^a-z])(pass(word|wd|phrase)?|pwd|secrets?|token|signature|sig|credentials?|authorization|cookie|api[-_]?key|access[-_]?key|private[-_]?key|account[-_]?key|sas|jwt|bearer|session[-_]?id|client[-_]?secret)$/i

/** True when a value under this name is a secret whatever the source says. */
export function isSecretName(name: string): boolean {
  const spaced = name.replace(/([a-z])([A-Z])/g, '$1-$2')
  return SECRET_NAME.test(spaced) || /^x-(amz|goog|ms)-(signature|credential|security-token)$/i.test(name)
}

const USER_INFO = /([a-z][a-z0-9+.-]{0,40}:\/\/)([^\s/?#@:]{0,256})(?::([^\s/?#]{0,1024}))?@/gi
const PARAMETER = /([?&#;])([\w.~%-]{1,80})=([^&#;\s"'<>]{1,8192})/g
const DSN_PAIR =
  /(^|[\s;])([a-z][\w -]{0,40}?)\s{0,4}=\s{0,4}('[^']{0,1024}'|"[^"]{0,1024}"|[^\s;]{1,1024})/gi
const BEARER = /\b(bearer|basic)\s+([\w.~+/=-]{6,8192})/gi

/**
 * The text without passwords in URLs (RFC 3986 section 3.2.1), values of query parameters and `key=value` pairs
 * that are secrets by name, and bearer tokens. Each secret found is handed to `found`.
 */
export function redactUrls(text: string, found: (secret: string) => void = () => undefined): string {
  const hide = (secret: string): string => {
    found(secret)
    return REDACTED
  }
  return text
    .replace(USER_INFO, (_all, scheme: string, user: string, password: string | undefined) => {
      if (password === undefined || password === '') return `${scheme}${user}@`
      return `${scheme}${user}:${hide(password)}@`
    })
    .replace(PARAMETER, (all, mark: string, name: string, value: string) =>
      isSecretName(decode(name)) && value !== REDACTED ? `${mark}${name}=${hide(value)}` : all,
    )
    .replace(DSN_PAIR, (all, mark: string, name: string, value: string) =>
      isSecretName(name) && value !== REDACTED
        ? `${mark}${name}=${hide(value.replace(/^(['"])(.*)\1$/s, '$2'))}`
        : all,
    )
    .replace(BEARER, (_all, scheme: string, value: string) => `${scheme} ${hide(value)}`)
}

/** Percent-decoded text, or the text itself when it is not well encoded. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
