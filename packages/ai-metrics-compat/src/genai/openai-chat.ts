import { messagesOf } from './content-parts.ts'
import { cleanName, noteFinish, noteUsage, type ResponseFacts } from './facts.ts'
import type { RequestFacts, WireFormat } from './format.ts'
import { asCount, asList, asNumber, asObject, asText, type JsonObject } from './json.ts'
import { choiceCount, commonSettings, outputType, settingsOf } from './request-attributes.ts'

/** `POST …/chat/completions`, of OpenAI and of everybody who speaks its format. */
export const openaiChat: WireFormat = {
  operation: 'chat',
  provider: 'openai',
  distinctive: true,
  fits: (body) => Array.isArray(body.messages),
  request: readRequest,
  response: readResponse,
  conversation: (body) => ({ system: [], messages: messagesOf(body.messages) }),
}

/** `POST …/completions`: the older format, a text in and a text out. */
export const openaiCompletions: WireFormat = {
  operation: 'text_completion',
  provider: 'openai',
  distinctive: false,
  fits: (body) => body.prompt !== undefined,
  request: readRequest,
  response: readResponse,
  conversation: ({ prompt }) => ({
    system: [],
    messages: typeof prompt === 'string' ? messagesOf([{ role: 'user', content: prompt }]) : [],
  }),
}

function readRequest(body: JsonObject): RequestFacts {
  return {
    model: cleanName(body.model),
    stream: body.stream === true,
    attributes: {
      ...settingsOf(body, commonSettings),
      ...choiceCount(body.n),
      ...outputType(asObject(body.response_format)?.type),
    },
  }
}

/** A whole response and a chunk of a stream differ in `message` and `delta` alone. */
function readResponse(value: JsonObject, facts: ResponseFacts): boolean {
  facts.id ??= cleanName(value.id)
  facts.model ??= cleanName(value.model)
  for (const item of asList(value.choices)) readChoice(asObject(item) ?? {}, facts)
  const usage = asObject(value.usage)
  if (usage) readUsage(usage, facts)
  return true
}

function readChoice(choice: JsonObject, facts: ResponseFacts): void {
  const index = asNumber(choice.index) ?? 0
  noteFinish(facts, index, choice.finish_reason)
  if (facts.content === undefined) return
  const message = asObject(choice.delta) ?? asObject(choice.message) ?? choice
  facts.content.text(index, asText(message.content) ?? asText(message.text) ?? asText(message.refusal))
  asList(message.tool_calls).forEach((item, position) => {
    const call = asObject(item)
    const made = asObject(call?.function)
    facts.content?.tool(index, asNumber(call?.index) ?? position, {
      id: asText(call?.id),
      name: asText(made?.name),
      arguments: asText(made?.arguments),
    })
  })
}

function readUsage(usage: JsonObject, facts: ResponseFacts): void {
  noteUsage(facts.usage, {
    input: asCount(usage.prompt_tokens),
    output: asCount(usage.completion_tokens),
    cacheRead: asCount(asObject(usage.prompt_tokens_details)?.cached_tokens),
    reasoning: asCount(asObject(usage.completion_tokens_details)?.reasoning_tokens),
  })
}
