import { describe, expect, it } from 'vitest'
import { guessEncoding } from './charset.ts'
import { findEncoding, headToUtf8 } from './encoding.ts'

const TEXTS: readonly (readonly [string, string])[] = [
  ['windows-1252', 'Zürich,Genève,São Paulo,Málaga,Århus,Köln,Besançon,naïve café'],
  ['windows-1252', 'Müller,Größe,Straße,Übermut,München'],
  ['windows-1250', 'Łódź,Kraków,Gdańsk,Poznań,Wrocław,Częstochowa,Rzeszów'],
  ['windows-1250', 'Žďár nad Sázavou,Plzeň,Děčín,Třebíč,Říčany'],
  ['windows-1251', 'Москва,Санкт-Петербург,Новосибирск,Екатеринбург,Казань'],
  ['koi8-r', 'Москва,Санкт-Петербург,Новосибирск,Екатеринбург,Казань'],
  ['iso-8859-5', 'Москва,Санкт-Петербург,Новосибирск,Екатеринбург,Казань'],
  ['ibm866', 'Москва,Санкт-Петербург,Новосибирск,Екатеринбург,Казань'],
  ['windows-1253', 'Αθήνα,Θεσσαλονίκη,Πάτρα,Ηράκλειο,Λάρισα'],
  ['windows-1254', 'İstanbul,Eskişehir,Diyarbakır,Muğla,Kırıkkale,Şanlıurfa'],
  ['windows-1255', 'ירושלים,תל אביב,חיפה,באר שבע'],
  ['windows-1256', 'القاهرة,الإسكندرية,الجيزة,الرياض,بغداد'],
  ['windows-874', 'กรุงเทพมหานคร,เชียงใหม่,ภูเก็ต'],
  ['shift_jis', '東京都,大阪市,よこはま,サッポロ,名古屋'],
  ['shift_jis', '山田太郎,鈴木花子,カタカナ,ひらがな'],
  ['euc-jp', '東京都,大阪市,よこはま,サッポロ,名古屋'],
  ['gb18030', '北京市,上海市,广州市,深圳市,成都市,电话号码'],
  ['big5', '台北市,高雄市,臺中市,電話號碼,姓名'],
  ['euc-kr', '서울특별시,부산광역시,대구,인천,광주'],
]

/** A text in an encoding, by asking the decoder which bytes give its characters. */
function encode(text: string, name: string): Uint8Array {
  const decoder = new TextDecoder(name)
  const codes = new Map<string, readonly number[]>()
  for (let a = 0x80; a < 0x100; a++) {
    const one = decoder.decode(Uint8Array.of(a))
    if (one.length === 1 && one !== '\ufffd') codes.set(one, [a])
    for (let b = 0x40; b < 0xff; b++) {
      const two = decoder.decode(Uint8Array.of(a, b))
      if (two.length === 1 && two !== '\ufffd' && !codes.has(two)) codes.set(two, [a, b])
    }
  }
  return Uint8Array.from(
    [...text].flatMap((char) => (char < '\x80' ? [char.charCodeAt(0)] : [...(codes.get(char) ?? [63])])),
  )
}

describe('the encoding', () => {
  it.each(TEXTS)('%s is seen in %s', (name, text) => {
    const bytes = encode(`id,a,b,c,d\n1,${text}\n2,${text}\n`, name)
    const found = findEncoding(bytes, undefined, true)
    expect(Buffer.from(headToUtf8(bytes, found)).toString()).toContain(text)
  })

  it.each(['utf-16le', 'utf-16be', 'utf-32le', 'utf-32be'])(
    '%s is seen without a mark and with one',
    (name) => {
      const text = 'id,name\n1,Jürgen 😀\n2,東京\n3,plain\n'
      for (const mark of ['', '\ufeff']) {
        const units = name.startsWith('utf-32')
          ? Buffer.concat(
              [...(mark + text)].map((char) => {
                const bytes = Buffer.alloc(4)
                bytes.writeUInt32LE(char.codePointAt(0)!)
                return bytes
              }),
            )
          : Buffer.from(mark + text, 'utf16le')
        const bytes = name.endsWith('be') ? (name === 'utf-32be' ? units.swap32() : units.swap16()) : units
        const found = findEncoding(bytes, undefined, true)
        expect(found.name).toBe(name)
        expect(Buffer.from(headToUtf8(bytes, found)).toString()).toBe(text)
      }
    },
  )

  it('stays UTF-8 where a single byte is wrong, or nothing is known', () => {
    expect(guessEncoding(Buffer.from('a,b\n1,\xff\n', 'latin1'), true).name).toBe('utf-8')
    expect(guessEncoding(Buffer.concat([Buffer.from('é,ü,ö,ß,ñ\n'), Buffer.from([0xe9])]), true).name).toBe(
      'utf-8',
    )
    expect(guessEncoding(Buffer.from('plain'), true)).toEqual({ name: 'utf-8', why: 'valid' })
    expect(guessEncoding(Buffer.from('Zürich').subarray(0, 2), false).name).toBe('utf-8')
  })
})

describe('stray zeros', () => {
  it.each(['a,b\n1,x\0y\n2,z\n', 'id,note\n1,a\0b\n2,c\n', 'a\0\n', '1\0,2\n3,4\n'])(
    'are no UTF-16: %j',
    (text) => {
      expect(guessEncoding(Buffer.from(text), true).name).toBe('utf-8')
    },
  )

  it.each(['id,note\n1,a\n', 'данные,имя\n1,Иван\n2,Пётр\n', 'a,b'])(
    'are not those of UTF-16: %j',
    (text) => {
      const little = Buffer.from(text, 'utf16le')
      expect(guessEncoding(little, true).name).toBe('utf-16le')
      expect(guessEncoding(Buffer.from(little).swap16(), true).name).toBe('utf-16be')
    },
  )
})
