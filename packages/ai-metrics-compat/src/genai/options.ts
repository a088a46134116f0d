import { type Catalogue, type Clock, monotonicClock } from '@honoscope/core'
import type { Tracer } from '@opentelemetry/api'
import type { Price, PriceTable } from './price.ts'

/** What is captured of the texts that go to a model and come from it. */
export interface ContentOptions {
  /**
   * What is taken out of each text before any of it is kept: patterns, whose matches become `[REDACTED]`
   * (`defaultRedactions` is a start), or a function that returns the text to keep. When it throws nothing of that
   * attribute is kept, and it is counted. Required: an empty list says that nothing is to be redacted. A pattern sees
   * the first `maxCharacters` and 8192 more of a text, so that the end of what is kept holds no half of a secret.
   */
  readonly redact: readonly RegExp[] | ((text: string) => string)
  /** Most characters of text on a span for each of system instructions, input and output. Default: 4096. Below 1: `TypeError`. */
  readonly maxCharacters?: number
}

/** Options of `instrumentFetch()` and `genAi()`. */
export interface GenAiOptions {
  /** Where the metrics go. Two instrumented functions may share one. Default: no metrics. */
  readonly metrics?: Catalogue
  /** Makes the spans. Default: no spans. */
  readonly tracer?: Tracer
  /**
   * `gen_ai.provider.name` by host, or by host and port: `{ 'localhost:11434': 'ollama' }`.
   * Default: the well-known providers by their hosts, and for any other the provider whose format it speaks.
   */
  readonly providers?: Readonly<Record<string, string>>
  /** Prices by model. Without them no cost is recorded. A price that is negative or no number: `TypeError`. */
  readonly prices?: PriceTable
  /** Of the prices, as a label and on the span. Default: `USD`. */
  readonly currency?: string
  /** Capture texts on spans. Default: none of them is looked at. */
  readonly content?: ContentOptions
  /**
   * Largest request body, response body or single event of a stream that is parsed, in bytes (events are measured in
   * UTF-16 units). A larger one passes through as ever and is counted. Default: 1 MiB. Below 1: `TypeError`.
   */
  readonly maxParsedBytes?: number
  /** Milliseconds. Default: the platform's monotonic clock. */
  readonly clock?: Clock
}

/** Content options with their defaults. */
export interface CheckedContent {
  readonly redact: (text: string) => string
  readonly maxCharacters: number
}

/** The options with their defaults. */
export interface CheckedOptions {
  readonly metrics: Catalogue | undefined
  readonly tracer: Tracer | undefined
  readonly providers: Readonly<Record<string, string>>
  readonly prices: PriceTable | undefined
  readonly currency: string
  readonly content: CheckedContent | undefined
  readonly maxParsedBytes: number
  readonly clock: Clock
}

/**
 * Patterns for `content.redact`: keys and tokens by their usual beginnings, JWTs, `Bearer` and `Basic` credentials,
 * e-mail addresses, and runs of 13 to 19 digits as on payment cards.
 */
export const defaultRedactions: readonly RegExp[] = [
  /\b(?:sk|pk|rk|ghp|gho|ghs|github_pat|glpat|xox[abpr]|AIza|AKIA|ya29)[-_.]?[\w-]{12,}/g,
  /\beyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*/g,
  /\b(?:Bearer|Basic)\s+[\w.~+/-]{8,}=*/gi,
  /[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}/g,
  /\b\d(?:[ -]?\d){12,18}\b/g,
]

/**
 * Checks the options and fills in the defaults.
 *
 * @throws TypeError that names the option.
 */
export function checkOptions(options: GenAiOptions): CheckedOptions {
  const { metrics, tracer, providers = {}, prices, currency = 'USD', content, clock = monotonicClock } = options
  const { maxParsedBytes = 1024 * 1024 } = options
  if (metrics !== undefined && typeof metrics?.histogram !== 'function')
    fail('metrics', 'must be a catalogue of metrics')
  if (tracer !== undefined && typeof tracer?.startActiveSpan !== 'function') fail('tracer', 'must be a tracer')
  if (!(maxParsedBytes >= 1)) fail('maxParsedBytes', 'must be at least 1')
  if (typeof currency !== 'string' || currency === '') fail('currency', 'must be the name of one')
  if (typeof clock !== 'function') fail('clock', 'must be a function')
  for (const [model, price] of Object.entries(prices ?? {})) checkPrice(model, price)
  return {
    metrics,
    tracer,
    providers,
    prices,
    currency,
    content: content && checkContent(content),
    maxParsedBytes,
    clock,
  }
}

function checkPrice(model: string, price: Price): void {
  const { input, output = 0, cacheRead = 0, cacheWrite = 0 } = price ?? {}
  const wrong = [input, output, cacheRead, cacheWrite].some((value) => !(Number.isFinite(value) && value >= 0))
  if (wrong) fail('prices', `has something else than numbers of at least 0 for ${JSON.stringify(model)}`)
}

function checkContent({ redact, maxCharacters = 4096 }: ContentOptions): CheckedContent {
  if (!(maxCharacters >= 1)) fail('content.maxCharacters', 'must be at least 1')
  if (typeof redact === 'function') return { redact, maxCharacters }
  if (!Array.isArray(redact) || !redact.every((pattern) => pattern instanceof RegExp)) {
    fail('content.redact', 'must be a list of patterns or a function')
  }
  const patterns = redact.map((pattern) => new RegExp(pattern, `${pattern.flags.replace(/[gy]/g, '')}g`))
  return {
    redact: (text) => patterns.reduce((clean, pattern) => clean.replace(pattern, '[REDACTED]'), text),
    maxCharacters,
  }
}

function fail(option: string, reason: string): never {
  throw new TypeError(`genai: "${option}" ${reason}`)
}
