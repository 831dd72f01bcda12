import { connect } from 'mqtt'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { acquire, releaseAll } from '../src/servers/acquire.ts'
import { findProgram } from '../src/servers/program.ts'

describe('acquire', () => {
  const before = { ...process.env }
  afterEach(async () => {
    await releaseAll()
    process.env = { ...before }
  })
  afterAll(releaseAll)

  const login = (url: string): Promise<string> =>
    new Promise((resolve) => {
      const client = connect(url, { reconnectPeriod: 0, connectTimeout: 3000 })
      const done = (answer: string): void => {
        client.end(true, () => resolve(answer))
      }
      client.once('connect', () => done('in'))
      client.once('error', (error) => done(error.message))
    })

  it('takes the URL of the environment and nothing else, even a wrong one', async () => {
    process.env['OMNI_TEST_MOSQUITTO_URL'] = 'mqtt://127.0.0.1:1'
    expect(await acquire('mosquitto')).toMatchObject({ url: 'mqtt://127.0.0.1:1', provider: 'env' })
  })

  it('starts the program of this machine, which lets the right password in and no other', async (ctx) => {
    if (!findProgram('mosquitto')) ctx.skip("no program mosquitto: install Debian's package mosquitto")
    process.env['OMNI_TEST_PROVIDER'] = 'local'
    const server = await acquire('mosquitto', { needs: ['mqtt5'] })
    expect(server).toMatchObject({ provider: 'local', fidelity: 'real' })
    const { url } = server as { url: string }
    expect(await login(url)).toBe('in')
    expect(await login(url.replace(new URL(url).password, 'wrong'))).toMatch(
      /[Nn]ot authorized|Bad username|refused/,
    )
  })

  it('falls back to the embedded broker', async () => {
    process.env['OMNI_TEST_PROVIDER'] = 'embedded'
    const server = await acquire('mosquitto')
    expect(server).toMatchObject({ provider: 'embedded', fidelity: 'compatible' })
    expect(await login((server as { url: string }).url)).toBe('in')
  })

  it('says what was tried, and how to get one, when there is none', async () => {
    process.env['OMNI_TEST_PROVIDER'] = 'embedded'
    const none = await acquire('mosquitto', { needs: ['mqtt5'] })
    expect(none).toMatchObject({
      why: expect.stringMatching(/embedded lacks mqtt5.*apt-get install mosquitto.*OMNI_TEST_MOSQUITTO_URL/),
    })
  })

  it('gives one server to all who ask', async () => {
    process.env['OMNI_TEST_PROVIDER'] = 'embedded'
    const [one, two] = await Promise.all([acquire('mosquitto'), acquire('mosquitto')])
    expect(one).toBe(two)
  })
})
