// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these marks are what a person writes
import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { crc32, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { closedPort, createWorld, type Run, startServer, type World } from './world.ts'

let world: World
beforeEach(() => {
  world = createWorld()
})
afterEach(() => {
  chmodSync(world.folder, 0o755)
  world.remove()
})

/** A refusal a person can act on: its code, no stack, nothing left behind. */
function expectRefusal(run: Run, code: RegExp, exitCode = 2): void {
  expect(run.stderr).toMatch(code)
  expect(run.exitCode).toBe(exitCode)
  expect(run.stderr).not.toMatch(/\n\s+at |node:internal|TypeError|s3cret|anna@/)
  expect(run.stdout).toBe('')
  expect(world.left()).toEqual([])
}

/** Files with their names, stored: enough of PKWARE APPNOTE 4.3 for what a reader must refuse. */
function zipOf(files: Readonly<Record<string, string>>): Buffer {
  const parts: Buffer[] = []
  const central: Buffer[] = []
  let offset = 0
  for (const [name, text] of Object.entries(files)) {
    const facts = Buffer.alloc(26)
    facts.writeUInt16LE(20, 0)
    facts.writeUInt32LE(crc32(text), 10)
    facts.writeUInt32LE(text.length, 14)
    facts.writeUInt32LE(text.length, 18)
    facts.writeUInt16LE(name.length, 22)
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), facts, Buffer.from(name + text)])
    const more = Buffer.alloc(14)
    more.writeUInt32LE(offset, 10)
    central.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), facts, more, Buffer.from(name)]))
    parts.push(local)
    offset += local.length
  }
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06')
  end.writeUInt16LE(parts.length, 8)
  end.writeUInt16LE(parts.length, 10)
  end.writeUInt32LE(Buffer.concat(central).length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, ...central, end])
}

const CSV = 'id,note\n1,anna@example.org\n2,b\n'
const ROWS = Array.from({ length: 5000 }, (_, i) => `${i},some text ${i * 7919}`).join('\n')

describe('files that cannot be read', () => {
  it.each<[what: string, name: string, content: string | Uint8Array | null, code: RegExp]>([
    ['a missing file', 'absent.csv', null, /missing/],
    ['a pattern that fits nothing', '*.tsv', null, /set\.empty/],
    ['an empty file', 'empty.json', '', /empty/],
    [
      'a truncated gzip',
      'cut.csv.gz',
      gzipSync(`a,b\n${ROWS}`).subarray(0, 9000),
      /gzip|compress|truncated/i,
    ],
    ['a zip with files of several kinds', 'two.zip', zipOf({ 'a.csv': CSV, 'b.json': '[]' }), /member/i],
    [
      'a zip that would write elsewhere',
      'slip.zip',
      zipOf({ '../../evil.csv': CSV }),
      /zip|member|path|name/i,
    ],
    ['a JSON that breaks off', 'cut.json', '[{"a":1},{"a":', /json/i],
    ['a Parquet that is cut', 'cut.parquet', 'PAR1xxxxxxxxxxxxxxxx', /parquet/i],
  ])('%s', async (_what, name, content, code) => {
    if (content !== null) world.write(name, content)
    const run = await world.run(['file', name])
    expectRefusal(run, /\n code {2}\S+\n/)
    expect(run.stderr).toMatch(code)
  })

  it.each([
    ['a NUL byte', Buffer.from('a,b\n1,x\u0000y\n2,z\n'), 'line 2'],
    // One that no other encoding explains.
    ['invalid UTF-8', Buffer.from('a,b\n1,x\n2,caf\xff\n', 'latin1'), 'line 3'],
  ])('puts a record with %s into quarantine, by its line', async (_what, content, where) => {
    world.write('odd.csv', content)
    const run = await world.run(['file', 'odd.csv', '--output', 'json'])
    expect(run.exitCode).toBe(4)
    expect(JSON.parse(run.stdout).rows).toEqual({ read: 2, kept: 1, quarantined: 1, filtered: 0 })
    expect((await world.run(['quarantine', 'odd'])).stdout).toContain(where)
  })

  it('takes a CSV without a byte as a table without columns', async () => {
    world.write('empty.csv', '')
    const run = await world.run(['file', 'empty.csv', '--output', 'json'])
    expect(run.exitCode).toBe(0)
    expect(JSON.parse(run.stdout).rows).toEqual({ read: 0, kept: 0, quarantined: 0, filtered: 0 })
  })

  it('takes a CSV with a header only as no rows', async () => {
    world.write('header.csv', 'id,note\n')
    const run = await world.run(['file', 'header.csv', '--output', 'json'])
    expect([0, 2]).toContain(run.exitCode)
    if (run.exitCode === 0) expect(JSON.parse(run.stdout).rows.kept).toBe(0)
    expect(run.stderr).not.toMatch(/\n\s+at /)
  })

  it('never shifts the cells of ragged rows', async () => {
    world.write('ragged.csv', 'a,b,c\n1,2,3\n4,5\n6,7,8,9\n10,11,12\n')
    const run = await world.run(['file', 'ragged.csv', '--output', 'json'])
    expect([2, 4]).toContain(run.exitCode)
    if (run.exitCode === 4) {
      expect(JSON.parse(run.stdout).rows).toMatchObject({ read: 4, kept: 2, quarantined: 2 })
      const list = await world.run(['quarantine', 'ragged'])
      expect(list.stdout).toMatch(/line 3[\s\S]*line 4/)
    }
  })
})

describe('systems that do not answer well', () => {
  const answering = async (
    status: number,
    type: string,
    body: string,
    use: (url: string) => Promise<void>,
  ): Promise<void> => {
    const server = await startServer((_request, response) => {
      response.writeHead(status, { 'content-type': type })
      response.end(body)
    })
    try {
      await use(server.url)
    } finally {
      await server.close()
    }
  }

  it.each<[number, string, string, RegExp]>([
    [404, 'application/json', '{"error":"anna@example.org"}', /code {2}rest\.\S+/],
    [401, 'application/json', '{}', /code {2}rest\.\S+/],
    [200, 'text/html', '<!doctype html><p>anna@example.org</p>', /code {2}rest\.\S+/],
    [200, 'application/json', '{"broken', /code {2}rest\.\S+/],
  ])('HTTP %i of %s', (status, type, body, code) =>
    answering(status, type, body, async (url) => {
      expectRefusal(
        await world.run(['rest', `${url}/x`, '--token', '${env:T}'], { env: { T: 's3cret' } }),
        code,
      )
    }),
  )

  it('tries again after a 500', async () => {
    let calls = 0
    const server = await startServer((_request, response) => {
      response.statusCode = calls++ === 0 ? 500 : 200
      response.setHeader('content-type', 'application/json')
      response.end('[{"a":1}]')
    })
    const run = await world.run(['rest', `${server.url}/x`, '--output', 'json'])
    await server.close()
    expect(run.exitCode).toBe(0)
    expect(JSON.parse(run.stdout).rows.kept).toBe(1)
    expect(calls).toBe(2)
  })

  it('a broker that is down', async () => {
    const port = await closedPort()
    const run = await world.run([
      'mqtt',
      `mqtt://127.0.0.1:${port}`,
      '--topics',
      'a',
      '--connect-timeout-ms',
      '2000',
    ])
    expectRefusal(run, /code {2}\S+/)
  })
})

describe('this machine', () => {
  it('a read-only folder', async () => {
    world.write('in.csv', CSV)
    mkdirSync(join(world.folder, 'ro'))
    chmodSync(join(world.folder, 'ro'), 0o555)
    chmodSync(world.folder, 0o755)
    // Root may write everywhere, so the program runs as nobody.
    const asNobody = process.getuid?.() === 0 ? { uid: 65_534 } : {}
    expectRefusal(await world.run(['file', 'in.csv', '--root', 'ro'], asNobody), /code {2}storage\.readonly/)
    const doctor = await world.run(['doctor', '--root', 'ro'], asNobody)
    expect(doctor).toMatchObject({ exitCode: 2, stdout: expect.stringMatching(/bad .*may not be written/) })
  })

  it('a disk that fills up', async () => {
    world.write('in.csv', `id,note\n${ROWS}`)
    const run = await world.run(['file', 'in.csv', '--format', 'csv'], { fileBlocks: 16 })
    expectRefusal(run, /code {2}storage\.full/)
  })

  it('a root that is a file', async () => {
    world.write('in.csv', CSV)
    world.write('taken', 'x')
    expectRefusal(await world.run(['file', 'in.csv', '--root', 'taken']), /code {2}\S+/)
  })
})

describe('signals', () => {
  it.each([
    ['SIGINT', 'before the first byte', ''],
    ['SIGINT', 'in the middle of an answer', '[{"a":1},'],
    ['SIGTERM', 'in the middle of an answer', '[{"a":1},'],
  ] as const)('%s %s: nothing left, exit code 3', async (signal, _when, begin) => {
    const asked = Promise.withResolvers<void>()
    const server = await startServer((_request, response) => {
      if (begin !== '') response.writeHead(200, { 'content-type': 'application/json' }).write(begin)
      setTimeout(asked.resolve, 100)
    })
    const run = await world.run(['rest', `${server.url}/never`], { signal, interrupt: asked.promise })
    await server.close()
    expectRefusal(run, /^stopped /m, 3)
  })
})

describe('command lines that do not fit', () => {
  it.each<[words: string[], code: string, hint: RegExp]>([
    [['fiel', 'x.csv'], 'cli.source-missing', /Did you mean `file`/],
    [['postgres', 'x'], 'cli.source-missing', /(npm install|pnpm add|yarn add) @omni\/source-postgres/],
    [['file'], 'cli.locator-missing', /omni-collect file <path>/],
    [['file', 'x.csv', '--delimter', ';'], 'cli.flag-unknown', /Did you mean `--delimiter`/],
    [['file', 'x.csv', '--format', 'xml'], 'cli.flag-value', /--help/],
    [['file', 'x.csv', '--format', 'parqet'], 'cli.flag-value', /Did you mean `parquet`/],
    [['file', 'x.csv', '--limit', 'ten'], 'cli.flag-value', /--help/],
    [['file', 'x.csv', 'y.csv'], 'cli.too-many-operands', /quotes/],
    [['file', 'x.csv', '--mask', 'note'], 'cli.flag-value', /note:redact/],
    [['file', 'x.csv', '--path', 'y'], 'cli.flag-unknown', /--help/],
    [['ftp://h/x'], 'cli.scheme-unknown', /source-ftp/],
    [['show'], 'cli.operand-missing', /ls/],
    [['run'], 'config.missing', /init/],
    [['run', 'absent.yaml'], 'config.missing', /init/],
    [['file', '${env:OMNI_ABSENT}'], 'config.env-unset', /OMNI_ABSENT/],
    [['--quiet'], 'cli.target-missing', /--help/],
    [['completion', 'zhs'], 'cli.shell-unknown', /zsh/],
  ])('%j', async (words, code, hint) => {
    const run = await world.run(words)
    expectRefusal(run, new RegExp(` code {2}${code.replace('.', '\\.')}\n`))
    expect(run.stderr).toMatch(hint)
  })

  it('says errors as JSON when asked for JSON', async () => {
    const run = await world.run(['file', 'absent.csv', '--output', 'json'])
    expect(run.exitCode).toBe(2)
    expect(Object.keys(JSON.parse(run.stderr.trim().split('\n').at(-1) ?? '').error)).toEqual([
      'kind',
      'code',
      'why',
      'fix',
    ])
  })
})
