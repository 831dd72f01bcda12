import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRedactor } from './redactor.ts'
import { isSecretName, redactUrls } from './url.ts'

describe('redactUrls', () => {
  it.each([
    [
      'postgresql://ann:s3cr%40t@db.example/x?sslmode=require',
      'postgresql://ann:[redacted]@db.example/x?sslmode=require',
    ],
    ['https://h/x?api_key=abc&page=2', 'https://h/x?api_key=[redacted]&page=2'],
    ['https://h/x?X-Amz-Signature=abc&X-Amz-Date=1', 'https://h/x?X-Amz-Signature=[redacted]&X-Amz-Date=1'],
    ['https://h/x?sig=abc&sv=2020', 'https://h/x?sig=[redacted]&sv=2020'],
    ['https://h/#access_token=abc', 'https://h/#access_token=[redacted]'],
    ['host=db password=s3cret user=ann', 'host=db password=[redacted] user=ann'],
    ["host=db password='s3 cret' user=ann", 'host=db password=[redacted] user=ann'],
    ['Server=db;Password=s3cret;Database=x', 'Server=db;Password=[redacted];Database=x'],
    ['Authorization: Bearer abcdef.ghijkl', 'Authorization: Bearer [redacted]'],
    ['redis://:s3cret@h:6379', 'redis://:[redacted]@h:6379'],
    ['https://h/keys?page=2&sort=key', 'https://h/keys?page=2&sort=key'],
    ['see mailto:ann and c:/dir', 'see mailto:ann and c:/dir'],
  ])('%s', (text, expected) => {
    expect(redactUrls(text)).toBe(expected)
  })

  it('is idempotent, and takes time that grows with the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'a:/@?&=; \'"p#%') }), (text) => {
        expect(redactUrls(redactUrls(text))).toBe(redactUrls(text))
      }),
    )
    for (const hostile of [
      'a://',
      'a:/',
      'password=',
      '?a',
      ';a =',
      "password='",
      'bearer ',
      'a '.repeat(20),
    ]) {
      const started = performance.now()
      redactUrls(hostile.repeat(20_000))
      expect(performance.now() - started, hostile).toBeLessThan(5_000)
    }
  })

  it('knows secrets by their names, in any spelling', () => {
    for (const name of [
      'password',
      'dbPassword',
      'DB_PASSWORD',
      'apiKey',
      'x-api-key',
      'accessToken',
      'client_secret',
      'sig',
    ])
      expect(isSecretName(name), name).toBe(true)
    for (const name of ['key', 'tokens_per_page', 'author', 'design', 'passenger', 'sort', 'monkey'])
      expect(isSecretName(name), name).toBe(false)
  })
})

describe('a redactor', () => {
  const redactor = createRedactor(
    {
      dsn: 'mysql://root:p%C3%A4ss%21word@db/x',
      headers: { Authorization: 'Bearer tok-123456', accept: 'json', 'X-Custom': 'topsecret' },
      auth: { deep: ['listed-secret', 9_876_543_210n] },
      apiKey: 'k-999999',
      since: new Date('2026-01-01T00:00:00Z'),
      big: 12n,
      body: Uint8Array.of(1, 2, 3),
      onRow: () => 1,
      nothing: undefined,
      tls: { rejectUnauthorized: false },
      at: new URL('https://u:pw-in-url@h/x'),
    },
    ['headers.authorization', 'headers.x-*', 'headers.X-Custom', 'auth.*'],
  )

  it('shows options as JSON without secrets', () => {
    expect(redactor.options).toEqual({
      dsn: 'mysql://root:[redacted]@db/x',
      headers: { Authorization: '[redacted]', accept: 'json', 'X-Custom': '[redacted]' },
      auth: { deep: '[redacted]' },
      apiKey: '[redacted]',
      since: '2026-01-01T00:00:00.000Z',
      big: '12',
      body: '[3 bytes]',
      onRow: '[function]',
      tls: { rejectUnauthorized: false },
      at: 'https://u:[redacted]@h/x',
    })
  })

  it('finds a secret wherever and however it turns up', () => {
    const base64 = Buffer.from('listed-secret').toString('base64')
    const message = `tok-123456 in a, päss!word in b, p%C3%A4ss%21word in c, ${base64}, 9876543210, pw-in-url, "k-999999"`
    expect(redactor.text(message)).toBe(
      '[redacted] in a, [redacted] in b, [redacted] in c, [redacted], [redacted], [redacted], "[redacted]"',
    )
  })

  it('holds for any secret', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 4, maxLength: 30 }), fc.string(), (secret, around) => {
        fc.pre(!'[redacted]'.includes(secret) && secret.trim().length >= 4)
        const { text } = createRedactor({ pin: secret }, ['pin'])
        expect(text(`${around}${secret}${around}`).replaceAll('[redacted]', '')).not.toContain(secret)
      }),
    )
  })
})
