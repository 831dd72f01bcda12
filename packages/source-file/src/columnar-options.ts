import { z } from 'zod'
import type { OptionShape } from './option-shape.ts'

/** What formats that store columns (Parquet, ORC, Arrow) have in common. */
export interface ColumnarOptions {
  /** Columns to read, by name, or `address.city` for a part of a struct; the others are not decoded. */
  readonly columns?: readonly string[] | undefined
}

export const columnarOptions: OptionShape<ColumnarOptions> = {
  columns: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe(
      'Parquet, ORC, Arrow: columns to read, by name, or address.city for a part of a struct. Default: all.',
    ),
}
