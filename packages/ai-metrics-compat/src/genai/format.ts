import type { Conversation } from './content.ts'
import type { Operation, ResponseFacts } from './facts.ts'
import type { JsonObject } from './json.ts'

/** Attributes of a span, as far as they are made here. */
export type Attributes = Record<string, string | number | boolean | string[]>

/** What a request says of itself. */
export interface RequestFacts {
  readonly model: string | undefined
  /** Whether it asks for the response in pieces. */
  readonly stream: boolean
  /** `gen_ai.request.*` and `gen_ai.output.type`; no content. */
  readonly attributes: Attributes
}

/** One way of asking a model something over HTTP, and of being answered. */
export interface WireFormat {
  readonly operation: Operation
  /** `gen_ai.provider.name` where the host doesn't tell: the provider whose format it is. */
  readonly provider: string
  /** Whether the path alone tells this format from any other API that there may be. */
  readonly distinctive: boolean
  /** Whether a request's body is one of this format. */
  fits(body: JsonObject): boolean
  request(body: JsonObject): RequestFacts
  /** Reads a whole response or one piece of it into `facts`. Returns whether it was output: a keep-alive is none. */
  response(value: JsonObject, facts: ResponseFacts): boolean
  /** Returns what is asked of the model, to be captured. */
  conversation(body: JsonObject): Conversation
}
