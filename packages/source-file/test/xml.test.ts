import { gzipSync } from 'node:zlib'
import type { Row } from '@omni/spec'
import { isFault } from '@omni/spec'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { file } from '../src/index.ts'
import { xml } from '../src/xml/index.ts'
import { decodeBytes } from './decode-bytes.ts'
import { createContext, createWorld, readFile, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.remove())

async function rowsOf(text: string | Uint8Array, more: object = {}): Promise<Row[]> {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text
  return (await decodeBytes(xml, bytes, more)).rows
}

async function faultOf(text: string | Uint8Array, more: object = {}): Promise<string> {
  return rowsOf(text, more).then(
    () => 'read',
    (error: unknown) => (isFault(error) ? `${error.kind} ${error.code}` : String(error)),
  )
}

const FEED = `<?xml version="1.0"?>
<!DOCTYPE feed SYSTEM "http://127.0.0.1:1/never.dtd">
<!-- ${'a licence, '.repeat(10_000)} -->
<a:feed xmlns:a="http://a" xmlns="http://b" version="2">
  <title>All</title>
  <link href="x"/><link href="y"/>
  <entry id="1"><name>Ann &amp; Bob &#228;</name><tag>x</tag><price currency="EUR">1.50</price><note/></entry>
  <entry id="2"><name><![CDATA[<b>raw</b> & ]]>tail</name><tag>x</tag><tag>y</tag><price currency="USD">2</price></entry>
  <entry id="3" xmlns:xsi="i"><name xsi:nil="true"/><a:ext><deep>1</deep></a:ext> said <b>so</b> here</entry>
</a:feed>`

const ROWS = [
  { '@id': '1', name: 'Ann & Bob ä', tag: ['x'], price: { '@currency': 'EUR', '#text': '1.50' }, note: '' },
  { '@id': '2', name: '<b>raw</b> & tail', tag: ['x', 'y'], price: { '@currency': 'USD', '#text': '2' } },
  { '@id': '3', name: null, 'a:ext': { deep: '1' }, b: 'so', '#text': ' said  here' },
]

describe('xml', () => {
  it('finds the element that repeats, and takes attributes, elements, lists and text as columns', async () => {
    expect(await rowsOf(FEED)).toEqual(ROWS)
    for (const records of ['/a:feed/entry', 'entry', '/entry', 'a:feed.entry'])
      expect(await rowsOf(FEED, { records }), records).toEqual(ROWS)
    expect(await rowsOf(FEED, { records: 'link' })).toEqual([{ '@href': 'x' }, { '@href': 'y' }])
    expect(await rowsOf(FEED, { records: '/a:feed' })).toHaveLength(1)
    expect(await faultOf(FEED, { records: 'nope' })).toBe('config file.records.missing')
  })

  it('says in the notes what it found', async () => {
    const path = await world.write('notes.xml', FEED)
    const { source, options } = file(path)
    const [stream] = await source.open(options, createContext()).discover()
    expect(stream?.notes).toContain(
      'records: /a:feed/entry (the element that repeats most; what is outside of it is not read)',
    )
  })

  it('finds records below other elements, a single one, and none', async () => {
    const rss = '<rss><channel><title>t</title><item><a>1</a></item><item><a>2</a></item></channel></rss>'
    expect(await rowsOf(rss)).toEqual([{ a: '1' }, { a: '2' }])
    const mixed = `<r><m/><m/><rows>${'<row><c>1</c><c>2</c><c>3</c><c>4</c></row>'.repeat(3)}</rows></r>`
    expect(await rowsOf(mixed)).toEqual(Array(3).fill({ c: ['1', '2', '3', '4'] }))
    expect(await rowsOf('<users><user><id>1</id></user></users>')).toEqual([{ id: '1' }])
    expect(await rowsOf('<user id="1"><name>x</name></user>')).toEqual([{ '@id': '1', name: 'x' }])
    expect(await rowsOf('<names><n>A</n><n/><n>B</n></names>')).toEqual([
      { '#text': 'A' },
      { '#text': '' },
      { '#text': 'B' },
    ])
    expect(await rowsOf('<empty/>')).toEqual([{ '#text': '' }])
  })

  it('begins again where a later record shows that an element repeats or has parts', async () => {
    const first = '<r><t>x</t><p>1</p></r>'.repeat(20_000)
    const rows = await rowsOf(`<d>${first}<r><t>x</t><t>y</t><p u="m">2</p></r></d>`, { records: 'r' })
    expect(rows).toHaveLength(20_001)
    expect(rows[0]).toEqual({ t: ['x'], p: { '#text': '1' } })
    expect(rows[20_000]).toEqual({ t: ['x', 'y'], p: { '@u': 'm', '#text': '2' } })
  })

  it('reads what the declaration, the mark or the first bytes say of the encoding', async () => {
    const text = (label: string): string =>
      `<?xml version="1.0" encoding="${label}"?><d><r>ä€</r><r>ö</r></d>`
    const expected = [{ '#text': 'ä€' }, { '#text': 'ö' }]
    const latin = Buffer.from(text('windows-1252').replace('€', '\x80'), 'latin1')
    const utf16 = Buffer.from(text('UTF-16'), 'utf16le')
    expect(await rowsOf(latin)).toEqual(expected)
    expect(await rowsOf(utf16)).toEqual(expected)
    expect(await rowsOf(Buffer.concat([Buffer.from([0xff, 0xfe]), utf16]))).toEqual(expected)
    expect(await rowsOf(Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(utf16).swap16()]))).toEqual(
      expected,
    )
    expect(await rowsOf(`\uFEFF${text('UTF-8')}`)).toEqual(expected)
    const packed = await world.write('packed.xml.gz', gzipSync(text('UTF-8')))
    expect((await readFile(packed)).rows).toEqual(expected)
    expect(await faultOf(Buffer.from(text('UTF-8'), 'latin1'))).toBe('data file.xml.encoding')
    expect(await faultOf(text('klingon'))).toBe('data file.xml.encoding')
  })

  it('refuses entities, without expanding or fetching any', async () => {
    const laughs = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join(
      '',
    )
    const bomb = `<?xml version="1.0"?><!DOCTYPE d [<!ENTITY l0 "ha">${laughs}]><d><r>&l9;</r></d>`
    expect(await faultOf(bomb)).toBe('data file.xml.entity')
    const outside = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d><r>&x;</r><r/></d>'
    expect(await faultOf(outside)).toBe('data file.xml.entity')
    expect(await faultOf('<d><r>&nbsp;</r></d>')).toBe('data file.xml.entity')
    expect(
      await rowsOf('<!DOCTYPE d [<!ELEMENT d (r*)><!-- <!ENTITY x "y"> -->]><d><r>1</r></d>', {
        records: 'r',
      }),
    ).toEqual([{ '#text': '1' }])
  })

  it('refuses what is not well-formed, and what nests without end', async () => {
    for (const text of [
      '<d><r>1</r>',
      '<d><r></d></r>',
      '<d a=1><r/></d>',
      '<d><r/></d><',
      '<d>\0</d>&',
      '<d/>text',
    ])
      expect(await faultOf(text, { format: 'xml' }), text).toBe('data file.xml.syntax')
    expect(await faultOf('<a>'.repeat(100_000))).toBe('unsupported file.xml.depth')
    expect(await faultOf(' ', { format: 'xml' })).toBe('data file.xml.syntax')
  })

  it('keeps names that JavaScript has a meaning for', async () => {
    const text = '<d><r><__proto__>1</__proto__><constructor>2</constructor></r><r __proto__="3"/></d>'
    const [first, second] = await rowsOf(text)
    expect(Object.entries(first as Row)).toEqual([
      ['__proto__', '1'],
      ['constructor', '2'],
    ])
    expect(Object.entries(second as Row)).toEqual([['@__proto__', '3']])
  })

  it('keeps long attributes and comments, in pieces of any size', async () => {
    const long = 'x'.repeat(300_000)
    expect(await rowsOf(`<d><r a="${long}">${long}</r><r a="">y</r></d>`, { records: 'r' })).toEqual([
      { '@a': long, '#text': long },
      { '@a': '', '#text': 'y' },
    ])
  })

  it('gives any rows back, whatever the text', async () => {
    const referred = (text: string): string =>
      text.replace(/[&<>"\n\r\t]/g, (character) => `&#${character.codePointAt(0)};`)
    const word = fc
      .string({ unit: 'grapheme', maxLength: 20 })
      // XML has no way to write the others, https://www.w3.org/TR/xml/#charsets.
      .filter((text) => [...text].every((character) => character >= ' ' || '\t\n\r'.includes(character)))
      .filter((text) => !/[\ufffe\uffff]/.test(text))
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(word, fc.array(word, { minLength: 2, maxLength: 4 })), {
          minLength: 2,
          maxLength: 9,
        }),
        async (rows) => {
          const text = rows.map(
            ([id, tags]) =>
              `<r id="${referred(id)}">${tags.map((tag) => `<t>${referred(tag)}</t>`).join('\n')}</r>`,
          )
          const found = await decodeBytes(xml, Buffer.from(`<d>${text.join('')}</d>`))
          expect(found.rows).toEqual(rows.map(([id, t]) => ({ '@id': id, t })))
        },
      ),
      { numRuns: 100 },
    )
  })
})
