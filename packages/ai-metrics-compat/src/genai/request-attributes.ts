import { cleanCode } from './facts.ts'
import type { Attributes } from './format.ts'
import { asNumber, type JsonObject } from './json.ts'

/** Where a format keeps the sampling settings, by the attribute's name after `gen_ai.request.`. */
export type SettingNames = Readonly<Record<string, readonly string[]>>

/** The settings as OpenAI and Anthropic name them. */
export const commonSettings: SettingNames = {
  temperature: ['temperature'],
  top_p: ['top_p'],
  top_k: ['top_k'],
  max_tokens: ['max_completion_tokens', 'max_output_tokens', 'max_tokens'],
  frequency_penalty: ['frequency_penalty'],
  presence_penalty: ['presence_penalty'],
  seed: ['seed'],
}

/** Returns `gen_ai.request.*` for the settings that `body` has under one of their names. Anything but numbers is left out. */
export function settingsOf(body: JsonObject, names: SettingNames): Attributes {
  const attributes: Attributes = {}
  for (const [attribute, fields] of Object.entries(names)) {
    for (const field of fields) {
      const value = asNumber(body[field])
      if (value === undefined) continue
      attributes[`gen_ai.request.${attribute}`] = value
      break
    }
  }
  return attributes
}

/** Returns `gen_ai.request.choice.count`, which the conventions want when it isn't 1. */
export function choiceCount(count: unknown): Attributes {
  const value = asNumber(count)
  return value === undefined || value === 1 ? {} : { 'gen_ai.request.choice.count': value }
}

const outputTypes: Readonly<Record<string, string>> = {
  text: 'text',
  json_object: 'json',
  json_schema: 'json',
  'text/plain': 'text',
  'application/json': 'json',
}

/** Returns `gen_ai.output.type` for the name by which a provider knows it. */
export function outputType(name: unknown): Attributes {
  const type = typeof name === 'string' ? outputTypes[name] : undefined
  return type === undefined ? {} : { 'gen_ai.output.type': type }
}

/** Returns `gen_ai.conversation.id`. */
export function conversationId(id: unknown): Attributes {
  const clean = cleanCode(id)
  return clean === undefined ? {} : { 'gen_ai.conversation.id': clean }
}
