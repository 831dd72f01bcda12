import { KINDS, type Kind } from './kinds.ts'

// Which column names, JSON keys and map keys say that every value under them is personal. Words are compared
// whole, in lower case and without accents; `homePhone`, `home_phone`, `HOME-PHONE` are the same two words.

const WORDS: Readonly<Record<'email' | 'phone' | 'ssn', string>> = {
  email:
    'email emails mail mails emailaddress emailaddr emailid mailaddress useremail workemail homeemail contactemail ' +
    'mailadresse emailadresse epost epostadresse emailadres mailadres courriel courriels correo correos correoelectronico ' +
    'postaelettronica correioeletronico correioelectronico indirizzoemail adresseemail',
  phone:
    'phone phones phoneno phonenum phonenr phonenumber phonenumbers telephone telephones telephoneno telephonenumber tel telno telnr telnumber ' +
    'mobile mobileno mobilenr mobilenumber mobilephone cellphone cellular cellno cellnumber homephone workphone officephone businessphone ' +
    'contactphone contactnumber msisdn whatsapp fax faxes faxno faxnr faxnumber telefax landline ' +
    'telefon telefone telefonnr telefonnummer telefonnummern handy handynr handynummer mobil mobilnr mobilnummer mobiltelefon rufnummer festnetz festnetznummer faxnummer ' +
    'telephoneportable portable telecopie telecopieur numtel numerotelephone ' +
    'telefono telefonos movil celular celulares cellulare numerotelefono numerodetelefono telefonofijo telefonomovil ' +
    'telefones telemovel telemoveis fone celulare numerocellulare ' +
    'telefoon telefoonnr telefoonnummer mobiel mobielnummer gsm gsmnummer',
  ssn:
    'ssn ssns socialsecurity socialsecuritynumber socialsecurityno nationalinsurancenumber nino sozialversicherungsnummer svnr svnummer ' +
    'steuerid steueridnr steueridentifikationsnummer numerosecuritesociale numsecu nir insee dni nif nie curp codicefiscale cpf bsn burgerservicenummer ' +
    'personnummer cpr pesel sin taxid itin',
}

/** Several words that only together name personal data. */
const PHRASES: readonly (readonly [string, 'email' | 'phone' | 'ssn'])[] = [
  ['e mail', 'email'],
  ['e post', 'email'],
  ['cell phone', 'phone'],
  ['cell number', 'phone'],
  ['cell no', 'phone'],
  ['contact number', 'phone'],
  ['contact no', 'phone'],
  ['social security', 'ssn'],
  ['securite sociale', 'ssn'],
  ['seguridad social', 'ssn'],
  ['codice fiscale', 'ssn'],
  ['steuer id', 'ssn'],
  ['tax id', 'ssn'],
  ['national insurance', 'ssn'],
  ['posta elettronica', 'email'],
]

/** Words beside one of those above that make the value a fact about it: `email_verified`, `phone_type`. */
const FACTS: ReadonlySet<string> = new Set(
  (
    'verified verification valid validated confirmed at on date time timestamp sent opened clicked bounced received delivered count counts total ' +
    'num_of type types kind label status state enabled disabled active flag is has have can allow allowed consent optin optout opt in out ' +
    'subscribed subscription notification notifications notify marketing campaign preference preferences frequency template subject body text html ' +
    'server host provider domain port os app version device platform browser model brand make charge charges minutes usage plan carrier ' +
    'size length hash hashed sha256 md5 required visible public private rate ratio score percent lookup format friendly'
  ).split(' '),
)

/** Last words of a column whose bare digits are an identifier or a quantity, not a number to call. */
const IDENTIFIERS: ReadonlySet<string> = new Set(
  (
    'id ids uuid guid sku isbn ean upc gtin asin order invoice ticket tracking serial account iban bic card hash checksum sha md5 ' +
    'amount price total cost size bytes count quantity qty version timestamp ts epoch date created updated ' +
    'lat lon lng latitude longitude barcode bestellnummer rechnungsnummer auftragsnummer kundennummer artikelnummer'
  ).split(' '),
)
const NUMBER_WORDS: ReadonlySet<string> = new Set('no nr num number numero nummer code'.split(' '))

const TABLE: ReadonlyMap<string, Kind> = new Map(
  (Object.entries(WORDS) as [keyof typeof WORDS, string][]).flatMap(([kind, words]) =>
    words.split(' ').map((word) => [word, KINDS[kind]] as const),
  ),
)

/** The words of a name: `homePhone2` is home, phone. */
export function wordsOf(name: string): readonly string[] {
  return isAscii(name) ? asciiWords(name) : anyWords(name)
}

function isAscii(name: string): boolean {
  for (let i = 0; i < name.length; i++) if (name.charCodeAt(i) > 127) return false
  return true
}

/** {@link anyWords} of ASCII: classes of Unicode take milliseconds to compile, which a tiny run would notice. */
function asciiWords(name: string): readonly string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .replace(/([a-z])[0-9]+/g, '$1 ')
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')
}

function anyWords(name: string): readonly string[] {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .toLowerCase()
    .replace(/(\p{L})\p{N}+/gu, '$1 ')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
}

/** The class that a name declares for everything under it, or 0. */
export function kindOfName(name: string): Kind | 0 {
  if (name.length > 200) return 0
  const words = wordsOf(name)
  const joined = TABLE.get(words.join(''))
  if (joined !== undefined) return joined
  if (words.some((word) => FACTS.has(word))) return 0
  for (const word of words) {
    const kind = TABLE.get(word)
    if (kind !== undefined) return kind
  }
  const spaced = ` ${words.join(' ')} `
  for (const [phrase, kind] of PHRASES) if (spaced.includes(` ${phrase} `)) return KINDS[kind]
  return 0
}

/** True when the name says that long numbers under it are identifiers: `order_id`, `invoiceNo`, `isbn`. */
export function isIdentifierName(name: string): boolean {
  const words = wordsOf(name)
  let last = words.length - 1
  while (last > 0 && NUMBER_WORDS.has(words[last]!)) last--
  return last >= 0 && IDENTIFIERS.has(words[last]!)
}

/** Remembers what keys mean, so that a key is decoded once; bounded, for keys that are data themselves. */
export function createKeyCache(): (bytes: Uint8Array, start: number, end: number) => Kind | 0 {
  const known = new Map<string, Kind | 0>()
  return (bytes, start, end) => {
    if (end - start > 64 || end === start) return 0
    const raw = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')
    const hit = known.get(raw)
    if (hit !== undefined) return hit
    const kind = kindOfName(decodeKey(Buffer.from(raw, 'latin1').toString('utf8')))
    if (known.size >= 4096) known.clear()
    known.set(raw, kind)
    return kind
  }
}

function decodeKey(text: string): string {
  return text.replace(/\\u([0-9a-fA-F]{4})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
}
