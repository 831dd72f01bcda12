import { type Fault, fault } from '@omni/spec'
import { placeOf, type Reply } from './request.ts'
import { type Json, parseJson } from './types.ts'

/** The document of an answer, no digit lost. */
export function documentOf(reply: Reply): Json {
  const type = reply.headers.get('content-type') ?? 'no content type'
  // RFC 9110, section 15.3.5: 204 has no body.
  if (reply.status === 204) return []
  const text = decodeText(reply, type)
  if (text.trim() === '' || /^\s*(text\/html|application\/xhtml|application\/xml|text\/xml)/i.test(type))
    throw notJson(reply, text.trim() === '' ? 'an empty body' : mediaTypeOf(type))
  try {
    return parseJson(text)
  } catch (error) {
    throw isCutOff(error, text) ? cutOff(reply) : notJson(reply, mediaTypeOf(type))
  }
}

function decodeText(reply: Reply, type: string): string {
  const charset = /;\s*charset="?([\w.:-]+)"?/i.exec(type)?.[1] ?? 'utf-8'
  try {
    return new TextDecoder(charset, { fatal: true }).decode(reply.body)
  } catch (error) {
    throw fault({
      kind: 'data',
      code: 'rest.encoding',
      why: `${placeOf(reply.url)} answers with bytes that are not in the character set it names.`,
      fix: 'Tell the maker of the API.',
      cause: error,
    })
  }
}

/** True when the parser came to the end of the text and wanted more. */
function isCutOff(error: unknown, text: string): boolean {
  const message = error instanceof Error ? error.message : ''
  const at = /at position (\d+)/.exec(message)?.[1]
  return /end of JSON|Unterminated string/.test(message) || (at !== undefined && Number(at) >= text.length)
}

function cutOff(reply: Reply): Fault {
  return fault({
    kind: 'unavailable',
    code: 'rest.truncated',
    why: `The answer of ${placeOf(reply.url)} ends in the middle.`,
    fix: 'Try again.',
  })
}

function notJson(reply: Reply, what: string): Fault {
  return fault({
    kind: 'data',
    code: 'rest.not-json',
    why: `${placeOf(reply.url)} answers with ${what}, not with JSON.`,
    fix: 'Check the address: it may be a page for people, or a login.',
  })
}

function mediaTypeOf(type: string): string {
  return type.split(';')[0]?.trim().toLowerCase() ?? type
}
