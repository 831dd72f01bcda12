import type { TransferConfig, TransferOptions } from '@omni/spec/storage-kit'
import { z } from 'zod'

/** What `storageOptions` may hold for Google Cloud Storage. */
export interface GcsOptions extends TransferOptions {
  readonly projectId?: string
  readonly keyFile?: string
  readonly credentials?: string
  readonly impersonateServiceAccount?: string
  readonly anonymous?: boolean
  readonly endpoint?: string
  readonly userProject?: string
  readonly encryptionKey?: string
  readonly kmsKeyName?: string
  readonly storageClass?: string
}

/** Options with what is used where nothing is said. */
export type GcsConfig = GcsOptions & TransferConfig

const MIB = 1 << 20
/** https://cloud.google.com/storage/docs/performing-resumable-uploads#chunked-upload */
const CHUNK = 256 * 1024

const text = z.string().min(1)

const shape = z.strictObject({
  projectId: text.optional().describe('Project; needed only where the credentials do not say it.'),
  keyFile: text.optional().describe('File with the key of a service account, or a credential configuration.'),
  credentials: z
    .string()
    .refine(isKey, { error: 'must be the JSON of a key, with client_email and private_key' })
    .optional()
    .describe('The key of a service account itself, as JSON.'),
  impersonateServiceAccount: text
    .optional()
    .describe('E-mail of a service account to act as, with the credentials found.'),
  anonymous: z.boolean().optional().describe('Requests without credentials, for public buckets.'),
  endpoint: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
    .optional()
    .describe('Another server that speaks the protocol, or a private endpoint. Default: Google.'),
  userProject: text.optional().describe('Project that pays for the requests (requester pays).'),
  encryptionKey: z
    .string()
    .refine((key) => /^[A-Za-z0-9+/]{43}=$/.test(key), { error: 'must be 32 bytes in base64' })
    .optional()
    .describe('Your own key (CSEK), 32 bytes in base64, for what is read and written.'),
  kmsKeyName: text
    .optional()
    .describe("Key of Cloud KMS for what is written, projects/…/cryptoKeys/…. Default: the bucket's."),
  storageClass: text.optional().describe('Storage class of what is written, as NEARLINE.'),
  maxAttempts: z.int().min(1).max(20).default(5).describe('Attempts at one request.'),
  concurrency: z.int().min(1).max(64).default(4).describe('Requests in flight for one object that is read.'),
  rangeBytes: z
    .int()
    .min(1024)
    .max(1024 * MIB)
    .default(8 * MIB)
    .describe('Bytes of one request of a read.'),
  partBytes: z
    .int()
    .min(CHUNK)
    .max(1024 * MIB)
    .refine((bytes) => bytes % CHUNK === 0, { error: 'must be a multiple of 262144' })
    .default(8 * MIB)
    .describe('Bytes of one request of an upload, a multiple of 256 KiB.'),
  timeoutMs: z
    .int()
    .min(100)
    .default(30_000)
    .describe('A request that brings nothing for so long is given up and tried again.'),
})

/** Options of Google Cloud Storage, checked all at once. */
export const optionsSchema: z.ZodType<GcsConfig, unknown> = shape.superRefine((options, ctx) => {
  const wrong = (path: keyof GcsOptions, message: string): void =>
    ctx.addIssue({ code: 'custom', path: [path], message })
  for (const name of ['keyFile', 'credentials', 'impersonateServiceAccount'] as const) {
    if (options.anonymous && options[name] !== undefined) wrong(name, 'does not go with anonymous')
  }
  if (options.keyFile !== undefined && options.credentials !== undefined)
    wrong('credentials', 'does not go with keyFile')
  if (options.encryptionKey !== undefined && options.kmsKeyName !== undefined)
    wrong('kmsKeyName', 'does not go with encryptionKey')
}) as unknown as z.ZodType<GcsConfig, unknown>

function isKey(json: string): boolean {
  try {
    const key = JSON.parse(json) as { readonly client_email?: unknown; readonly private_key?: unknown } | null
    return typeof key?.client_email === 'string' && typeof key.private_key === 'string'
  } catch {
    return false
  }
}
