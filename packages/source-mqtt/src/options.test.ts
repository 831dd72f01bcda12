import type { Fault } from '@omni/spec'
import { describe, expect, it } from 'vitest'
import { parseEndpoint } from './options.ts'
import { pubacks } from './session.ts'
import { mqtt } from './source.ts'

describe('options', () => {
  it.each([
    ['mqtt://h/sensors/+/temp', 'mqtt:sensors/+/temp', 'sensors_temp'],
    ['mqtt://h:1884/plant/#', 'mqtt:plant/#', 'plant'],
    ['mqtts://u:secret@h/#', 'mqtt:#', 'h'],
    ['mqtt+ws://h/mqtt', 'mqtt:t,+1', 't', ['t', 'u']],
    ['mqtt://h/$share/g/a/b', 'mqtt:$share/g/a/b', 'g_a_b'],
  ])('%s is %s', (url, label, dataset, topics?: string[]) =>
    expect(mqtt(url, topics === undefined ? {} : { topics })).toMatchObject({ label, dataset }),
  )

  it.each([
    [{ url: 'http://h/x' }, 'url'],
    [{ url: 'mqtt:///x' }, 'url'],
    [{ url: 'mqtt://h:99999/x' }, 'url'],
    [{ url: 'mqtt://h' }, 'topics'],
    [{ url: 'mqtt://h/a#' }, 'url: # stands alone'],
    [{ url: 'mqtt://h/a/#/b' }, 'url: # stands alone'],
    [{ url: 'mqtt://h/a+/b' }, 'url: + stands alone'],
    [{ url: 'mqtt://h', topics: ['a', ''] }, 'topics.1: a topic filter cannot be empty'],
    [{ url: 'mqtt://h/$share/g' }, 'url: a shared'],
    [{ url: 'mqtt://h/x', qos: 2 }, 'qos'],
    [{ url: 'mqtt://h/x', session: 'persistent' }, 'clientId'],
    [{ url: 'mqtt://h/x', timeout: 1 }, 'timeout'],
  ])('%j is refused: %s', (options, why) => {
    expect(() => mqtt(options as never)).toThrow(why)
  })

  it('names every wrong option at once, and no value', () => {
    let fault: Fault | undefined
    try {
      mqtt({ url: 'mqtt://h/x', qos: 7, idleMs: -1, password: 5 } as never)
    } catch (error) {
      fault = error as Fault
    }
    expect(fault?.kind).toBe('config')
    for (const path of ['qos', 'idleMs', 'password']) expect(fault?.why).toContain(`${path}:`)
  })
})

describe('parseEndpoint', () => {
  it('takes # for a wildcard and decodes the rest', () => {
    expect(parseEndpoint('mqtt://me:p%40ss@[::1]:1884/a%20b/#')).toEqual({
      protocol: 'mqtt',
      host: '::1',
      port: 1884,
      user: 'me',
      password: 'p@ss',
      topic: 'a b/#',
    })
    expect(parseEndpoint('wss://h/mqtt?x=1')).toEqual({
      protocol: 'wss',
      host: 'h',
      port: 443,
      path: '/mqtt?x=1',
    })
    expect(parseEndpoint('mqtt://h:80/t')).toMatchObject({ port: 80 })
  })
})

it('PUBACK is four bytes, in order', () => {
  expect([...pubacks([1, 0xabcd])]).toEqual([0x40, 2, 0, 1, 0x40, 2, 0xab, 0xcd])
})
