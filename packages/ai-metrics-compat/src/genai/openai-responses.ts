import type { Conversation, Message } from './content.ts'
import { messagesOf, partsOf, toolCall, toolResponse } from './content-parts.ts'
import { cleanCode, cleanName, noteFinish, noteUsage, type ResponseFacts } from './facts.ts'
import type { WireFormat } from './format.ts'
import { asCount, asList, asNumber, asObject, asText, type JsonObject } from './json.ts'
import { commonSettings, conversationId, outputType, settingsOf } from './request-attributes.ts'

/** `POST …/responses`: OpenAI's Responses API. */
export const openaiResponses: WireFormat = {
  operation: 'chat',
  provider: 'openai',
  distinctive: false,
  fits: (body) => body.input !== undefined || asObject(body.prompt) !== undefined,
  request: (body) => ({
    model: cleanName(body.model),
    stream: body.stream === true,
    attributes: {
      ...settingsOf(body, commonSettings),
      ...outputType(asObject(asObject(body.text)?.format)?.type),
      ...conversationId(asObject(body.conversation)?.id ?? body.conversation),
    },
  }),
  response(value, facts) {
    // A whole response is what the events of a stream carry in `response`.
    if (value.object === 'response') readResult(value, facts, true)
    else readEvent(value, facts)
    return true
  },
  conversation: readConversation,
}

function readEvent(event: JsonObject, facts: ResponseFacts): void {
  const result = asObject(event.response)
  if (result) readResult(result, facts, false)
  if (event.type === 'error') facts.errorType = cleanCode(event.code) ?? 'error'
  if (facts.content === undefined) return
  if (event.type === 'response.output_text.delta') facts.content.text(0, asText(event.delta))
  const item = asObject(event.item)
  if (event.type === 'response.output_item.done' && item) readToolCall(item, asNumber(event.output_index) ?? 0, facts)
}

function readResult(result: JsonObject, facts: ResponseFacts, whole: boolean): void {
  facts.id ??= cleanName(result.id)
  facts.model = cleanName(result.model) ?? facts.model
  readStatus(result, facts)
  const usage = asObject(result.usage)
  if (usage) readUsage(usage, facts)
  if (!whole || facts.content === undefined) return
  asList(result.output).forEach((entry, position) => {
    const item = asObject(entry) ?? {}
    readToolCall(item, position, facts)
    for (const part of asList(item.content)) facts.content?.text(0, asText(asObject(part)?.text))
  })
}

function readStatus(result: JsonObject, facts: ResponseFacts): void {
  const { status } = result
  if (status === 'failed') facts.errorType = cleanCode(asObject(result.error)?.code) ?? 'failed'
  // The reason for an incomplete one is what other formats call the finish reason.
  const reason = status === 'incomplete' ? (asObject(result.incomplete_details)?.reason ?? status) : status
  if (status === 'completed' || status === 'incomplete' || status === 'failed') noteFinish(facts, 0, reason)
}

function readUsage(usage: JsonObject, facts: ResponseFacts): void {
  noteUsage(facts.usage, {
    input: asCount(usage.input_tokens),
    output: asCount(usage.output_tokens),
    cacheRead: asCount(asObject(usage.input_tokens_details)?.cached_tokens),
    reasoning: asCount(asObject(usage.output_tokens_details)?.reasoning_tokens),
  })
}

function readToolCall(item: JsonObject, key: number, facts: ResponseFacts): void {
  if (item.type !== 'function_call') return
  facts.content?.tool(0, key, {
    id: asText(item.call_id),
    name: asText(item.name),
    arguments: asText(item.arguments),
  })
}

function readConversation({ instructions, input }: JsonObject): Conversation {
  return {
    system: partsOf(instructions),
    messages: typeof input === 'string' ? messagesOf([{ content: input }]) : asList(input).flatMap(readInput),
  }
}

function readInput(entry: unknown): readonly Message[] {
  const item = asObject(entry) ?? {}
  if (item.type === 'function_call') {
    return [{ role: 'assistant', parts: [toolCall(item.call_id, item.name, item.arguments)] }]
  }
  if (item.type === 'function_call_output') {
    return [{ role: 'tool', parts: [toolResponse(item.call_id, item.output)] }]
  }
  return item.content === undefined ? [] : messagesOf([item])
}
