import type { ContentSink } from './content.ts'

/** The operations that are recognised, as the GenAI conventions name them. */
export const operations: readonly ['chat', 'generate_content', 'text_completion', 'embeddings'] = [
  'chat',
  'generate_content',
  'text_completion',
  'embeddings',
]

/** @see operations */
export type Operation = (typeof operations)[number]

/** What a provider says that a call used, in tokens. A provider leaves out what it does not count. */
export interface Usage {
  /** All of the input, what came from a cache included. */
  input?: number
  /** The input without what came from a cache or went into one, of a provider that counts these apart. */
  uncachedInput?: number
  output?: number
  cacheRead?: number
  cacheWrite?: number
  /** Part of `output`. */
  reasoning?: number
}

/** What is known of a response. A wire format fills it in, whole or event by event. */
export interface ResponseFacts {
  id: string | undefined
  model: string | undefined
  /** By the index of the choice; may have holes. */
  readonly finishReasons: string[]
  readonly usage: Usage
  /** The provider's own code for what went wrong. */
  errorType: string | undefined
  /** Whether the provider has said that no more will come. */
  complete: boolean
  /** Takes what the model wrote, when that is to be captured. */
  readonly content: ContentSink | undefined
}

/** Returns the facts of a response of which nothing has been read. */
export function createFacts(content?: ContentSink): ResponseFacts {
  return {
    id: undefined,
    model: undefined,
    finishReasons: [],
    usage: {},
    errorType: undefined,
    complete: false,
    content,
  }
}

/** More choices than any provider returns; the index comes from outside and must not make a large array. */
export const maxChoices = 16

const maxNameLength = 128

/** Returns a model's name or an id as it may stand on a span or label; `undefined` for what is none. */
export function cleanName(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined
  return value.slice(0, maxNameLength)
}

/** Returns a code such as `stop` or `rate_limit_exceeded`; `undefined` for what is a text and no code. */
export function cleanCode(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\w.-]{1,64}$/.test(value) ? value : undefined
}

/** Notes why the choice of that index ended. */
export function noteFinish(facts: ResponseFacts, index: number, reason: unknown): void {
  const code = cleanCode(reason)
  if (code === undefined || !(index >= 0 && index < maxChoices)) return
  facts.finishReasons[index] = code
  facts.complete = true
}

/** Returns the whole input in tokens, whichever way the provider counts. */
export function inputTokens({ input, uncachedInput, cacheRead = 0, cacheWrite = 0 }: Usage): number | undefined {
  return input ?? (uncachedInput === undefined ? undefined : uncachedInput + cacheRead + cacheWrite)
}

/** Sets the members of `usage` that `counts` has; a provider repeats them with its latest count. */
export function noteUsage(usage: Usage, counts: { readonly [K in keyof Usage]: number | undefined }): void {
  for (const key of Object.keys(counts) as (keyof Usage)[]) {
    const count = counts[key]
    if (count !== undefined) usage[key] = count
  }
}
