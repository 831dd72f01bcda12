import type { TransferConfig, TransferOptions } from '@omni/spec/storage-kit'
import { z } from 'zod'

/** What `storageOptions` may hold for S3. */
export interface S3Options extends TransferOptions {
  readonly region?: string
  readonly endpoint?: string
  readonly forcePathStyle?: boolean
  readonly profile?: string
  readonly accessKeyId?: string
  readonly secretAccessKey?: string
  readonly sessionToken?: string
  readonly anonymous?: boolean
  readonly roleArn?: string
  readonly externalId?: string
  readonly roleSessionName?: string
  readonly durationSeconds?: number
  readonly mfaSerial?: string
  readonly webIdentityTokenFile?: string
  readonly stsEndpoint?: string
  readonly sse?: 'AES256' | 'aws:kms'
  readonly kmsKeyId?: string
  readonly sseCustomerKey?: string
  readonly requesterPays?: boolean
  readonly requestChecksumCalculation?: Checksums
  readonly responseChecksumValidation?: Checksums
  readonly storageClass?: string
  readonly versionId?: string
}

type Checksums = 'WHEN_SUPPORTED' | 'WHEN_REQUIRED'

/** Options with what is used where nothing is said. */
export type S3Config = S3Options & TransferConfig

const MIB = 1 << 20

const text = z.string().min(1)
const address = z.url({ protocol: /^https?$/, error: 'must be an http or https URL' })
const checksums = z.enum(['WHEN_SUPPORTED', 'WHEN_REQUIRED'])

const shape = z.strictObject({
  region: text
    .optional()
    .describe(
      "The bucket's region. Default: the environment's or the profile's, else the bucket's own is looked up.",
    ),
  endpoint: address
    .optional()
    .describe('Another server that speaks S3, as https://minio.example.com. Default: Amazon.'),
  forcePathStyle: z
    .boolean()
    .optional()
    .describe('The bucket in the path, not in the host name. Default: yes with an endpoint, no without.'),
  profile: text.optional().describe('Profile of the shared AWS files; with roles, SSO and processes.'),
  accessKeyId: text
    .optional()
    .describe("Access key. Without one the SDK's default chain finds the credentials."),
  secretAccessKey: text.optional().describe('Secret of the access key.'),
  sessionToken: text.optional().describe('Session token of temporary credentials.'),
  anonymous: z.boolean().optional().describe('Requests without a signature, for public buckets.'),
  roleArn: text
    .optional()
    .describe('Role to assume through STS, with the credentials found or a web identity.'),
  externalId: text.optional().describe("External id that the role's owner asks for."),
  roleSessionName: z
    .string()
    .regex(/^[\w+=,.@-]{2,64}$/)
    .optional()
    .describe('Name of the session in the audit trail. Default: omnicollector.'),
  durationSeconds: z
    .int()
    .min(900)
    .max(43_200)
    .optional()
    .describe('Life of the credentials of a role. Default: 3600; they are renewed.'),
  mfaSerial: z
    .unknown()
    .optional()
    .describe('Refused: a run cannot type in a token code. Use a session token that was got with one.'),
  webIdentityTokenFile: text
    .optional()
    .describe("File with a web identity token for roleArn. The environment's is found without this."),
  stsEndpoint: address.optional().describe('Another STS than that of the region.'),
  sse: z
    .enum(['AES256', 'aws:kms'])
    .optional()
    .describe("Encryption of what is written: with S3's keys or those of KMS. Default: the bucket's."),
  kmsKeyId: text
    .optional()
    .describe("Key of KMS (id, ARN or alias) for sse aws:kms. Default: the account's own."),
  sseCustomerKey: z
    .string()
    .refine((key) => /^[A-Za-z0-9+/]{43}=$/.test(key), { error: 'must be 32 bytes in base64' })
    .optional()
    .describe('Your own key (SSE-C), 32 bytes in base64, for what is read and written.'),
  requesterPays: z.boolean().optional().describe('You pay for the requests, where the bucket asks for that.'),
  requestChecksumCalculation: checksums
    .optional()
    .describe('WHEN_REQUIRED for servers that do not know checksums in trailers. Default: WHEN_SUPPORTED.'),
  responseChecksumValidation: checksums
    .optional()
    .describe('WHEN_REQUIRED for servers whose checksums are wrong. Default: WHEN_SUPPORTED.'),
  storageClass: text.optional().describe('Storage class of what is written, as STANDARD_IA.'),
  versionId: text
    .optional()
    .describe('Version of the one object that is read; ?versionId=… in its URL does the same.'),
  maxAttempts: z.int().min(1).max(20).default(5).describe('Attempts at one request.'),
  concurrency: z.int().min(1).max(64).default(4).describe('Requests in flight for one object.'),
  rangeBytes: z
    .int()
    .min(1024)
    .max(1024 * MIB)
    .default(8 * MIB)
    .describe('Bytes of one request of a read.'),
  partBytes: z
    .int()
    .min(5 * MIB)
    .max(1024 * MIB)
    .default(8 * MIB)
    .describe('Bytes of one part of an upload, of at most 10,000.'),
  timeoutMs: z
    .int()
    .min(100)
    .default(30_000)
    .describe('A request that brings nothing for so long is given up and tried again.'),
})

/** Options of S3, checked all at once. */
export const optionsSchema: z.ZodType<S3Config, unknown> = shape.superRefine((options, ctx) => {
  const wrong = (path: keyof S3Options, message: string): void =>
    ctx.addIssue({ code: 'custom', path: [path], message })
  const { accessKeyId, secretAccessKey, roleArn, sse, kmsKeyId, sseCustomerKey } = options
  if (options.mfaSerial !== undefined)
    wrong(
      'mfaSerial',
      'a run cannot type in a token code; get a session token with `aws sts get-session-token` and give that',
    )
  if (accessKeyId !== undefined && secretAccessKey === undefined)
    wrong('secretAccessKey', 'is missing: it belongs to accessKeyId')
  for (const name of ['secretAccessKey', 'sessionToken'] as const) {
    if (options[name] !== undefined && accessKeyId === undefined) wrong(name, 'needs accessKeyId')
  }
  for (const name of ['externalId', 'roleSessionName', 'durationSeconds', 'webIdentityTokenFile'] as const) {
    if (options[name] !== undefined && roleArn === undefined) wrong(name, 'needs roleArn')
  }
  if (options.externalId !== undefined && options.webIdentityTokenFile !== undefined)
    wrong('externalId', 'does not go with a web identity')
  for (const name of ['accessKeyId', 'profile', 'roleArn'] as const) {
    if (options.anonymous && options[name] !== undefined) wrong(name, 'does not go with anonymous')
  }
  if (accessKeyId !== undefined && options.profile !== undefined)
    wrong('profile', 'does not go with accessKeyId')
  if (kmsKeyId !== undefined && sse === 'AES256') wrong('kmsKeyId', 'needs sse aws:kms')
  for (const name of ['sse', 'kmsKeyId'] as const) {
    if (sseCustomerKey !== undefined && options[name] !== undefined)
      wrong(name, 'does not go with sseCustomerKey')
  }
}) as unknown as z.ZodType<S3Config, unknown>
