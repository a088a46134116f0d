import { inputTokens, type Usage } from './facts.ts'

/** What a model costs, in the table's currency for one million tokens. */
export interface Price {
  readonly input: number
  /** Default: 0, as for embeddings. */
  readonly output?: number
  /** Input that comes from the provider's cache. Default: as `input`. */
  readonly cacheRead?: number
  /** Input that goes into the provider's cache. Default: as `input`. */
  readonly cacheWrite?: number
}

/** By the name of the model, without the date that some providers put behind it. */
export type PriceTable = Readonly<Record<string, Price>>

const perTokens = 1_000_000

/** `-2024-08-06`, `-20250514` and `@20250514`, as OpenAI, Anthropic and Vertex AI date a model. */
const date = /[-@]\d{4}-?\d{2}-?\d{2}$/

/**
 * Returns what `usage` costs by the model that answered, or else by the one that was asked, each with and without its
 * date; `undefined` when the table has none of them or the usage is not known.
 */
export function costOf(usage: Usage, models: readonly (string | undefined)[], prices: PriceTable): number | undefined {
  const price = models.map((model) => priceOf(model, prices)).find((found) => found !== undefined)
  const input = inputTokens(usage)
  if (price === undefined || (input === undefined && usage.output === undefined)) return undefined
  const { cacheRead = 0, cacheWrite = 0, output = 0 } = usage
  const uncached = Math.max(0, (input ?? 0) - cacheRead - cacheWrite)
  const total =
    uncached * price.input +
    cacheRead * (price.cacheRead ?? price.input) +
    cacheWrite * (price.cacheWrite ?? price.input) +
    output * (price.output ?? 0)
  return total / perTokens
}

function priceOf(model: string | undefined, prices: PriceTable): Price | undefined {
  if (model === undefined) return undefined
  const name = [model, model.replace(date, '')].find((candidate) => Object.hasOwn(prices, candidate))
  return name === undefined ? undefined : prices[name]
}
