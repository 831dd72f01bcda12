import { SEP } from './digits.ts'

// How people write phone numbers without a plus: the digits in each group. A row of this table is a form
// that is common in at least one national plan (ITU-T E.123 and the pages of the national regulators).

const ANY = SEP.space | SEP.dash | SEP.dot | SEP.slash | SEP.paren
const SOFT = SEP.space | SEP.dash
const WIDE = SOFT | SEP.dot

export interface Shape {
  /** Separators it may have. */
  readonly seps: number
  /** First digits it may begin with. */
  readonly lead: string
  /** It must be the whole chain; otherwise only not glued to more digits. */
  readonly alone: boolean
  /** With spaces only it must be alone, and begin with one of these. */
  readonly spaced?: string
  readonly where: string
}

const ROWS: readonly (readonly [groups: string, shape: Shape])[] = [
  [
    '334',
    {
      seps: ANY,
      lead: '0123456789',
      alone: false,
      spaced: '23456789',
      where: 'North America, Greece, India',
    },
  ],
  [
    '1334',
    { seps: ANY, lead: '178', alone: false, spaced: '1', where: 'North America with 1, Kazakhstan with 8' },
  ],
  ['2334', { seps: ANY, lead: '23456789', alone: true, where: 'country code, then 3-3-4' }],
  ['3334', { seps: ANY, lead: '23456789', alone: true, where: 'country code, then 3-3-4' }],
  ['1322', { seps: SOFT | SEP.paren, lead: '23456789', alone: true, where: 'Hungary, South America' }],
  ['13322', { seps: SOFT | SEP.paren, lead: '78', alone: false, where: 'Russia with 8' }],
  ['3322', { seps: WIDE | SEP.paren, lead: '123456789', alone: true, where: 'Turkey, Russia, Ukraine' }],
  ['2322', { seps: WIDE, lead: '123456789', alone: true, where: 'Switzerland, Poland, Spain, Belgium' }],
  ['3222', { seps: WIDE, lead: '123456789', alone: true, where: 'Spain' }],
  ['2222', { seps: SOFT, lead: '123456789', alone: true, where: 'Denmark, Norway, Luxembourg' }],
  ['323', { seps: WIDE, lead: '23456789', alone: true, where: 'Norway' }],
  [
    '333',
    {
      seps: SOFT,
      lead: '123456789',
      alone: true,
      spaced: '56789',
      where: 'Spain, Portugal, Poland, Czechia',
    },
  ],
  ['234', { seps: WIDE | SEP.slash, lead: '123456789', alone: true, where: 'Portugal, Hungary' }],
  ['244', { seps: SOFT, lead: '123456789', alone: true, where: 'Brazil, Mexico, Argentina' }],
  ['254', { seps: SOFT, lead: '123456789', alone: true, where: 'Brazil, mobile' }],
  ['344', { seps: WIDE, lead: '123456789', alone: true, where: 'China, mobile' }],
  ['343', { seps: SOFT, lead: '6789', alone: true, where: 'India' }],
  ['433', { seps: SOFT, lead: '1', alone: true, where: 'Australia, 1300 and 1800' }],
  ['12222', { seps: WIDE, lead: '12345679', alone: true, where: 'France without its 0, Cameroon' }],
  ['233', { seps: SEP.dash, lead: '123456789', alone: true, where: 'Latvia, Lebanon' }],
  ['322', { seps: SEP.dash, lead: '23456789', alone: true, where: 'local, seven digits' }],
  ['55', { seps: SOFT, lead: '6789', alone: true, where: 'India, mobile' }],
  ['34', { seps: SOFT, lead: '23456789', alone: true, where: 'local, seven digits' }],
  ['44', { seps: SOFT, lead: '23456789', alone: true, where: 'Norway, Denmark, Singapore, Hong Kong' }],
  ['26', { seps: SOFT, lead: '123456789', alone: true, where: 'Finland, Denmark' }],
  ['27', { seps: SOFT, lead: '123456789', alone: true, where: 'Hungary, Portugal' }],
  ['37', { seps: SOFT, lead: '36789', alone: true, where: 'Italy, mobile; Nepal' }],
]

/** Shapes by their groups read as one decimal number: 334 is three, three and four digits. */
export const SHAPES: ReadonlyMap<number, Shape> = new Map(
  ROWS.map(([groups, shape]) => [Number(groups), shape]),
)

/** Words whose number is a phone number. Compared in lower case, without accents. */
export const PHONE_WORDS: ReadonlySet<string> = new Set(
  (
    'phone phones telephone telephones tel tele tlf call calls called calling callback mobile mobiles cell cellphone cellular ' +
    'fax telefax dial ring whatsapp signal sms texting landline hotline pager msisdn phonenumber reach ' +
    'telefon telefonnummer telefonnr handy handynummer mobil mobilnummer rufnummer festnetz anrufen durchwahl ' +
    'telefono telefonos movil celular cellulare llamar chiamare telefone telemovel fone ligue ' +
    'portable appeler appelez telecopie telefoon telefoonnummer mobiel gsm bellen toll hours reached'
  ).split(' '),
)
/** Words whose number is something else, when they stand right before it. */
export const OTHER_WORDS: ReadonlySet<string> = new Set(
  (
    'order orders invoice ticket tickets sku isbn issn ean upc gtin asin tracking id ids uuid guid ref reference ' +
    'case account acct iban bic card cards credit visa mastercard amex license licence passport ssn serial ' +
    'bestellung bestellnummer rechnung rechnungsnummer auftrag auftragsnummer artikel kundennummer commande facture pedido factura ordine fattura ' +
    'part version build commit revision timestamp epoch ts hash checksum amount price total sum balance size bytes population ' +
    'transaction tx txn batch lot item product model pid port zip plz postcode barcode bestelnummer factuur'
  ).split(' '),
)
/** Words that may stand between such a word and its number. */
export const FILLERS: ReadonlySet<string> = new Set(
  'no nr nro num number numbers nummer numero is was ist est es the of code'.split(' '),
)
/** Words right after a number that say it is a phone number: `61 51 81 office`. */
export const AFTER_WORDS: ReadonlySet<string> = new Set(
  'office mobile cell fax landline tel phone handy mobil portable movil celular'.split(' '),
)
/** Words after a number that make it a quantity. */
export const UNITS: ReadonlySet<string> = new Set(
  'eur euro euros usd dollars gbp chf sek nok dkk pln czk huf jpy yen inr brl rub kr zl kg g mg km m cm mm ms s ns us bytes kb mb gb tb rows users people units pcs percent miles ft hz'.split(
    ' ',
  ),
)
