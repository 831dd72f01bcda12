import type { TransferConfig, TransferOptions } from '@omni/spec/storage-kit'
import { z } from 'zod'

/** What `storageOptions` may hold for Azure Blob Storage. */
export interface AzureOptions extends TransferOptions {
  readonly account?: string
  readonly accountKey?: string
  readonly sasToken?: string
  readonly connectionString?: string
  readonly anonymous?: boolean
  readonly endpoint?: string
  readonly clientId?: string
  readonly tenantId?: string
  readonly accessTier?: string
}

/** Options with what is used where nothing is said. */
export type AzureConfig = AzureOptions & TransferConfig

const MIB = 1 << 20

const text = z.string().min(1)

const shape = z.strictObject({
  account: z
    .string()
    .regex(/^[a-z0-9]{3,24}$/, { error: 'must be 3 to 24 small letters and digits' })
    .optional()
    .describe('Name of the storage account; needed where neither the address nor another option says it.'),
  accountKey: z.base64().optional().describe("The account's key."),
  sasToken: text.optional().describe('Shared access signature, as sv=…&sig=….'),
  connectionString: z
    .string()
    .refine((value) => /(^|;)(AccountName|BlobEndpoint|UseDevelopmentStorage)=/i.test(value), {
      error: 'must name AccountName or BlobEndpoint',
    })
    .optional()
    .describe('Connection string of the account, in place of account, key and endpoint.'),
  anonymous: z.boolean().optional().describe('Requests without credentials, for public containers.'),
  endpoint: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
    .optional()
    .describe(
      'Address of the blob service, as https://account.blob.core.windows.net. Default: from account.',
    ),
  clientId: text.optional().describe('Client of a managed identity, for the default credential.'),
  tenantId: text.optional().describe('Tenant, for the default credential.'),
  accessTier: text.optional().describe('Access tier of what is written, as Cool.'),
  maxAttempts: z.int().min(1).max(20).default(5).describe('Attempts at one request.'),
  concurrency: z.int().min(1).max(64).default(4).describe('Requests in flight for one blob.'),
  rangeBytes: z
    .int()
    .min(1024)
    .max(1024 * MIB)
    .default(8 * MIB)
    .describe('Bytes of one request of a read.'),
  partBytes: z
    .int()
    .min(65_536)
    .max(1024 * MIB)
    .default(8 * MIB)
    .describe('Bytes of one block of an upload, of at most 50,000.'),
  timeoutMs: z
    .int()
    .min(100)
    .default(30_000)
    .describe('A request that brings nothing for so long is given up and tried again.'),
})

/** Options of Azure Blob Storage, checked all at once. */
export const optionsSchema: z.ZodType<AzureConfig, unknown> = shape.superRefine((options, ctx) => {
  const wrong = (path: keyof AzureOptions, message: string): void =>
    ctx.addIssue({ code: 'custom', path: [path], message })
  const ways = (['accountKey', 'sasToken', 'connectionString', 'anonymous'] as const).filter(
    (name) => options[name] !== undefined && options[name] !== false,
  )
  for (const name of ways.slice(1)) wrong(name, `does not go with ${ways[0]}`)
  for (const name of ['account', 'endpoint'] as const) {
    if (options.connectionString !== undefined && options[name] !== undefined)
      wrong(name, 'does not go with connectionString')
  }
}) as unknown as z.ZodType<AzureConfig, unknown>
