import { messagesOf, partsOf } from './content-parts.ts'
import { cleanName, noteFinish, noteUsage, type ResponseFacts } from './facts.ts'
import type { WireFormat } from './format.ts'
import { asCount, asList, asNumber, asObject, asText, type JsonObject } from './json.ts'
import { commonSettings, settingsOf } from './request-attributes.ts'

/** `POST …/messages`: Anthropic's Messages API. */
export const anthropicMessages: WireFormat = {
  operation: 'chat',
  provider: 'anthropic',
  distinctive: false,
  fits: (body) => Array.isArray(body.messages) && asNumber(body.max_tokens) !== undefined,
  request: (body) => ({
    model: cleanName(body.model),
    stream: body.stream === true,
    attributes: settingsOf(body, commonSettings),
  }),
  response: (value, facts) => {
    const read = events[String(value.type)]
    read?.(value, facts)
    return value.type !== 'ping'
  },
  conversation: (body) => ({ system: partsOf(body.system), messages: messagesOf(body.messages) }),
}

/** By `type`, which a whole message has too. */
const events: Readonly<Record<string, (event: JsonObject, facts: ResponseFacts) => void>> = {
  message: readMessage,
  message_start: (event, facts) => readMessage(asObject(event.message) ?? {}, facts),
  content_block_start: (event, facts) => readBlock(asObject(event.content_block) ?? {}, event.index, facts, true),
  content_block_delta: (event, facts) => readDelta(asObject(event.delta) ?? {}, event.index, facts),
  message_delta(event, facts) {
    noteFinish(facts, 0, asObject(event.delta)?.stop_reason)
    readUsage(asObject(event.usage), facts)
  },
  message_stop(_, facts) {
    facts.complete = true
  },
}

function readMessage(message: JsonObject, facts: ResponseFacts): void {
  facts.id ??= cleanName(message.id)
  facts.model ??= cleanName(message.model)
  noteFinish(facts, 0, message.stop_reason)
  readUsage(asObject(message.usage), facts)
  asList(message.content).forEach((block, index) => {
    readBlock(asObject(block) ?? {}, index, facts, false)
  })
}

/** The counts of a stream are totals so far, and some come at its start only. `input_tokens` leaves out what is cached. */
function readUsage(usage: JsonObject | undefined, facts: ResponseFacts): void {
  if (usage === undefined) return
  noteUsage(facts.usage, {
    uncachedInput: asCount(usage.input_tokens),
    output: asCount(usage.output_tokens),
    cacheRead: asCount(usage.cache_read_input_tokens),
    cacheWrite: asCount(usage.cache_creation_input_tokens),
  })
}

/** `begins`: the rest of it will come in deltas, its `input` is empty as yet. */
function readBlock(block: JsonObject, index: unknown, { content }: ResponseFacts, begins: boolean): void {
  if (content === undefined) return
  if (block.type === 'text') content.text(0, asText(block.text))
  if (block.type === 'tool_use') {
    content.tool(0, asNumber(index) ?? 0, {
      id: asText(block.id),
      name: asText(block.name),
      arguments: begins ? undefined : JSON.stringify(block.input),
    })
  }
}

function readDelta(delta: JsonObject, index: unknown, { content }: ResponseFacts): void {
  if (delta.type === 'text_delta') content?.text(0, asText(delta.text))
  if (delta.type === 'input_json_delta') {
    content?.tool(0, asNumber(index) ?? 0, { arguments: asText(delta.partial_json) })
  }
}
