/** Parts that the shapes of answers share. */
import { z } from 'zod'

/** Milliseconds since 1970. */
export function unixMs(description = ''): z.ZodNumber {
  return z.int().meta({ description: `Unix ms. ${description}`.trim(), examples: [1795319994083] })
}

/** Where a page stands in the whole. */
export const pagination = z
  .strictObject({ page: z.int().min(1), size: z.int().min(1).max(100), total: z.int().min(0) })
  .meta({ id: 'Pagination', description: '`total` counts every match, on all pages.' })

/** How many matches there are on all pages. */
export const totalItems = z.int().min(0).meta({ description: 'Matches on all pages.' })
