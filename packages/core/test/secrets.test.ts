import { Buffer } from 'node:buffer'
import { fault } from '@omni/spec'
import { describe, expect, it } from 'vitest'
import { OmniCollector } from '../src/index.ts'
import { allBytes, chunks, makeRoot, scripted } from './world.ts'

const SECRETS = ['s3cret-pass', 'tok-abcdef-123', 'sig-987654321']
const options = {
  dsn: `db://user:${SECRETS[0]}@host/x`,
  headers: { authorization: `Bearer ${SECRETS[1]}` },
  url: `https://h/x?signature=${SECRETS[2]}`,
}

function expectClean(where: string, text: string | Buffer): void {
  const bytes = Buffer.from(text)
  for (const secret of SECRETS) {
    for (const form of [secret, Buffer.from(secret).toString('base64')]) {
      expect(bytes.includes(form), `${form} in ${where}`).toBe(false)
    }
  }
}

describe('a secret', () => {
  it('is in no file, event, log, plan or fault, also when the source talks of it', async () => {
    const root = makeRoot()
    const said: string[] = []
    const log = {
      debug: (m: string) => void said.push(m),
      info: (m: string) => void said.push(m),
      warn: (m: string) => void said.push(m),
    }
    const oc = new OmniCollector({ root, log, onEvent: (event) => void said.push(JSON.stringify(event)) })
    const talk = SECRETS.join(' and ')
    let context: { log: typeof log } | undefined
    const script = {
      options,
      label: `script:${talk}`,
      dataset: `about ${talk}`,
      streams: [{ name: `stream ${talk}`, notes: [`with ${talk}`] }],
      capabilities: { replay: true, restart: true } as const,
      definition: {
        secrets: ['headers.authorization'],
        open: (_options: object, ctx: { log: typeof log }) => {
          context = ctx
          return {
            discover: async () => [{ name: `stream ${talk}`, notes: [`with ${talk}`] }],
            read: async function* () {
              context?.log.info(talk)
              context?.log.warn(`https://h/?access_token=${SECRETS[1]}`)
              yield { restart: { why: talk } }
              yield { rows: [{ a: 1 }], rejected: [{ locator: talk, code: 'x.y', reason: talk }] }
            },
          }
        },
      },
    }
    const collector = scripted({ read: chunks(), ...script })
    expectClean('the plan', JSON.stringify({ ...(await oc.plan(collector)), streams: [] }))
    const snapshot = await oc.collect(collector, { tags: { note: talk } })
    expect(snapshot.counts).toEqual({ read: 2, kept: 1, quarantined: 1, filtered: 0 })
    const failing = scripted({
      ...script,
      read: chunks(),
      definition: {
        ...script.definition,
        open: () => ({
          discover: async () => [{ name: 's' }],
          // biome-ignore lint/correctness/useYield: it fails before its first chunk.
          read: async function* () {
            throw fault({ kind: 'auth', code: 'x.y', why: `Refused ${talk}.`, fix: `Change ${talk}.` })
          },
        }),
      },
    })
    const error = (await oc.collect(failing).catch((one: unknown) => one)) as Error
    expect(error.message).toContain('[redacted]')
    expectClean('the fault', `${error.message}${error.stack}${JSON.stringify(error)}`)
    expect(said.length).toBeGreaterThan(5)
    expectClean('the events and logs', said.join('\n'))
    expectClean('the files', allBytes(root))
    expect((await oc.verify()).findings).toEqual([])
  })
})
