import type { Message, Part } from './content.ts'
import { asList, asObject, asText, type JsonObject } from './json.ts'

/** Returns the parts of a message's content: a text, or a list of texts, tool calls and things that are only named. */
export function partsOf(content: unknown): readonly Part[] {
  if (typeof content === 'string') return [{ type: 'text', content }]
  return asList(content).map((part) => (typeof part === 'string' ? { type: 'text', content: part } : partOf(part)))
}

/** The shapes of the providers don't collide, so one function knows them all. */
function partOf(value: unknown): Part {
  const part = asObject(value) ?? {}
  const text = part.text ?? part.refusal
  if (typeof text === 'string') return { type: 'text', content: text }
  const call = asObject(part.functionCall)
  if (call) return toolCall(undefined, call.name, call.args)
  const answer = asObject(part.functionResponse)
  if (answer) return toolResponse(undefined, answer.response)
  if (part.type === 'tool_use') return toolCall(part.id, part.name, part.input)
  if (part.type === 'tool_result') return toolResponse(part.tool_use_id, part.content)
  // Images, sounds and files: that there was one, and nothing of it.
  return { type: asText(part.type) ?? Object.keys(part)[0] ?? 'unknown' }
}

/** Returns a call of a tool by the model; `input` is the JSON of its arguments, or what is to become that. */
export function toolCall(id: unknown, name: unknown, input: unknown): Part {
  return {
    type: 'tool_call',
    ...(typeof id === 'string' && { id }),
    name: asText(name) ?? '',
    ...(input !== undefined && { arguments: textOf(input) }),
  }
}

/** Returns what a tool answered. */
export function toolResponse(id: unknown, response: unknown): Part {
  return { type: 'tool_call_response', ...(typeof id === 'string' && { id }), response: textOf(response) }
}

/** Returns the messages of OpenAI's and Anthropic's formats. */
export function messagesOf(list: unknown): readonly Message[] {
  return asList(list).map((item) => messageOf(asObject(item) ?? {}))
}

function messageOf(message: JsonObject): Message {
  const role = asText(message.role) ?? 'user'
  if (role === 'tool') return { role, parts: [toolResponse(message.tool_call_id, message.content)] }
  const calls = asList(message.tool_calls).map((item) => {
    const call = asObject(item)
    const { name, arguments: input } = asObject(call?.function) ?? {}
    return toolCall(call?.id, name, input)
  })
  return { role, parts: [...partsOf(message.content), ...calls] }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}
