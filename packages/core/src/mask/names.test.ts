import fc from 'fast-check'
import { expect, test } from 'vitest'
import { KIND_NAMES } from './kinds.ts'
import { isIdentifierName, kindOfName, wordsOf } from './names.ts'

test.each([
  ['homePhone2', ['home', 'phone']],
  ['E-Mail_Address', ['e', 'mail', 'address']],
  ['PHONENumber', ['phone', 'number']],
  ['Téléphone portable', ['telephone', 'portable']],
  ['user.phone', ['user', 'phone']],
])('words of %s', (name, words) => {
  expect(wordsOf(name)).toEqual(words)
})

const NAMES: Readonly<Record<string, readonly string[]>> = {
  email: [
    'email',
    'Email',
    'EMAIL',
    'e-mail',
    'e_mail',
    'eMail',
    'mail',
    'userEmail',
    'email_address',
    'email2',
    'emails',
    'contact.email',
    'E-Mail-Adresse',
    'courriel',
    'correo',
    'correo_electronico',
    'Correo electrónico',
    'posta elettronica',
    'emailadres',
    'work email',
  ],
  phone: [
    'phone',
    'Phone',
    'phone_number',
    'phoneNumber',
    'phone1',
    'Phone No.',
    'mobile',
    'mobileNo',
    'tel',
    'tel_no',
    'cell_phone',
    'fax',
    'msisdn',
    'home-phone',
    'Telefon',
    'Telefonnummer',
    'Handy',
    'mobil',
    'Rufnummer',
    'téléphone',
    'Portable',
    'teléfono',
    'móvil',
    'celular',
    'cellulare',
    'telefono',
    'telemóvel',
    'telefone',
    'telefoonnummer',
    'mobiel',
    'gsm',
    'TELEPHONE',
    'contact_number',
    'WhatsApp',
  ],
  ssn: [
    'ssn',
    'SSN',
    'social_security_number',
    'socialSecurityNumber',
    'codice_fiscale',
    'cpf',
    'bsn',
    'dni',
    'Steuer-ID',
    'tax_id',
  ],
  '': [
    'name',
    'telemetry',
    'intel',
    'hotel',
    'mailing',
    'emailed',
    'phoneme',
    'mobility',
    'email_verified',
    'phone_type',
    'email_sent_at',
    'is_mobile',
    'mobile_app_version',
    'mail_server',
    'emailCount',
    'fax_enabled',
    'id',
    'order',
    'cell',
    'cell_id',
    'contact',
    'number',
    '',
    'x'.repeat(300),
  ],
}

test.each(Object.entries(NAMES).flatMap(([kind, names]) => names.map((name) => [name, kind] as const)))(
  '%s is %s',
  (name, kind) => {
    expect(KIND_NAMES[kindOfName(name)]).toBe(kind)
  },
)

test.each([
  ['order_id', true],
  ['invoiceNo', true],
  ['ISBN', true],
  ['order_note', false],
  ['comment', false],
  ['key', false],
])('%s holds identifiers: %s', (name, expected) => {
  expect(isIdentifierName(name)).toBe(expected)
})

test('the words of an ASCII name are those that it has among letters of any script', () => {
  const piece = fc.constantFrom('home', 'Phone', 'HTTP', 'x', 'Y', '2', '42', '_', '-', ' ', '.', '@', '\n')
  const name = fc.oneof(
    fc.array(piece).map((parts) => parts.join('')),
    fc.string({ unit: 'binary-ascii' }),
  )
  fc.assert(
    fc.property(name, (ascii) => {
      expect([...wordsOf(ascii), 'e']).toEqual(wordsOf(`${ascii} é`))
    }),
    { numRuns: 2000 },
  )
})
