import type { Guard } from './guard.ts'
import type { CheckedContent } from './options.ts'

/** A piece of a message, in the shape of the conventions' JSON schemas. */
export interface Part {
  readonly type: string
  readonly content?: string
  readonly id?: string
  readonly name?: string
  readonly arguments?: string
  readonly response?: string
}

/** A message to or from a model. */
export interface Message {
  readonly role: string
  readonly parts: readonly Part[]
  readonly finish_reason?: string
}

/** What a request asks. */
export interface Conversation {
  readonly system: readonly Part[]
  readonly messages: readonly Message[]
}

/** What is known of a tool call, now or with this piece of a stream. */
export interface ToolCall {
  readonly id?: string | undefined
  readonly name?: string | undefined
  /** JSON, or the next part of it. */
  readonly arguments?: string | undefined
}

/** Takes what a model writes, in as many pieces as it comes. */
export interface ContentSink {
  text(choice: number, text: string | undefined): void
  /** `key` tells the calls of one choice apart. */
  tool(choice: number, key: string | number, call: ToolCall): void
  /** Returns what came, a message for each choice. */
  messages(finishReasons: readonly string[]): readonly Message[]
}

/**
 * Characters at the end of a text that was cut: they may be the first half of a secret, which no pattern finds. Longer
 * than a private key in PEM, the longest of the usual ones.
 */
const unsafeTail = 8192

/** More tool calls of one choice are left out. */
const maxTools = 32

/** Returns a sink that keeps at most `limit` characters of each choice. */
export function createContentSink(limit: number): ContentSink {
  const choices = new Map<
    number,
    { text: string; tools: Map<string | number, { -readonly [K in keyof ToolCall]: string }> }
  >()
  const at = (index: number) => {
    const choice = choices.get(index) ?? { text: '', tools: new Map() }
    choices.set(index, choice)
    return choice
  }
  const cut = (text: string): string => text.slice(0, limit)
  return {
    text(index, text) {
      if (text === undefined) return
      const choice = at(index)
      if (choice.text.length < limit) choice.text = cut(choice.text + text)
    },
    tool(index, key, call) {
      const { tools } = at(index)
      const known = tools.get(key) ?? {}
      if (tools.size >= maxTools && !tools.has(key)) return
      tools.set(key, known)
      if (call.id !== undefined) known.id = cut(call.id)
      if (call.name !== undefined) known.name = cut(call.name)
      if (call.arguments !== undefined) known.arguments = cut((known.arguments ?? '') + call.arguments)
    },
    messages: (finishReasons) =>
      [...choices].map(([index, { text, tools }]) => ({
        role: 'assistant',
        parts: [
          ...(text === '' ? [] : [{ type: 'text', content: text }]),
          ...[...tools.values()].map((tool) => ({ type: 'tool_call', ...tool })),
        ],
        finish_reason: finishReasons[index] ?? 'unknown',
      })),
  }
}

/** How much of a text the sinks keep, so that there are `maxCharacters` left when the unsafe end is taken off. */
export function keptCharacters({ maxCharacters }: CheckedContent): number {
  return maxCharacters + unsafeTail
}

/** More messages of one conversation are left out. */
const maxMessages = 128

/** Returns a text as it may stand on a span. Each call takes what it returns off the characters that are left. */
type Redact = (text: string) => string

/**
 * Returns messages or parts as JSON with every text in them redacted, of at most `maxCharacters` of text in all;
 * `undefined` when there is nothing, or when redacting failed.
 */
export function redactedJson(
  list: readonly Message[] | readonly Part[],
  options: CheckedContent,
  guard: Guard,
): string | undefined {
  if (list.length === 0) return undefined
  let left = options.maxCharacters
  const limit = keptCharacters(options)
  const redact: Redact = (text) => {
    if (left <= 0) return ''
    const clean = options.redact(text.slice(0, limit))
    const safe = text.length >= limit ? clean.slice(0, Math.max(0, clean.length - unsafeTail)) : clean
    const kept = safe.slice(0, left)
    left -= kept.length
    return kept
  }
  return guard.attempt('content', () => {
    const redacted: unknown[] = []
    for (const item of list.slice(0, maxMessages)) {
      if (left <= 0) break
      redacted.push('parts' in item ? redactedMessage(item, redact) : redactedPart(item, redact))
    }
    return JSON.stringify(redacted)
  })
}

function redactedMessage({ role, parts, finish_reason }: Message, redact: Redact): Message {
  return {
    role: shortened(role),
    parts: parts.slice(0, maxMessages).map((part) => redactedPart(part, redact)),
    ...(finish_reason !== undefined && { finish_reason }),
  }
}

function redactedPart(part: Part, redact: Redact): Part {
  const { type, id, name, content, arguments: input, response } = part
  return {
    type: shortened(type),
    ...(id !== undefined && { id: shortened(id) }),
    ...(name !== undefined && { name: shortened(name) }),
    ...(content !== undefined && { content: redact(content) }),
    ...(input !== undefined && { arguments: redact(input) }),
    ...(response !== undefined && { response: redact(response) }),
  }
}

/** A name that somebody made up is no content, and must not be a way to write one. */
const shortened = (name: string): string => name.slice(0, 64)
