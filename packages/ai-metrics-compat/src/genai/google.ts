import { partsOf } from './content-parts.ts'
import { cleanCode, cleanName, noteFinish, noteUsage, type ResponseFacts } from './facts.ts'
import type { WireFormat } from './format.ts'
import { asCount, asList, asNumber, asObject, asText, type JsonObject } from './json.ts'
import { choiceCount, outputType, type SettingNames, settingsOf } from './request-attributes.ts'

const settings: SettingNames = {
  temperature: ['temperature'],
  top_p: ['topP'],
  top_k: ['topK'],
  max_tokens: ['maxOutputTokens'],
  frequency_penalty: ['frequencyPenalty'],
  presence_penalty: ['presencePenalty'],
  seed: ['seed'],
}

/** `POST …/models/{model}:generateContent` and `:streamGenerateContent`, of the Gemini API and of Vertex AI. */
export const googleGenerate: WireFormat = {
  operation: 'generate_content',
  provider: 'gcp.gen_ai',
  distinctive: true,
  fits: (body) => body.contents !== undefined,
  request(body) {
    const config = asObject(body.generationConfig) ?? {}
    return {
      // Both stand in the URL.
      model: undefined,
      stream: false,
      attributes: {
        ...settingsOf(config, settings),
        ...choiceCount(config.candidateCount),
        ...outputType(config.responseMimeType),
      },
    }
  },
  response(value, facts) {
    facts.id ??= cleanName(value.responseId)
    facts.model ??= cleanName(value.modelVersion)
    for (const candidate of asList(value.candidates)) readCandidate(asObject(candidate) ?? {}, facts)
    noteFinish(facts, 0, blockReason(value))
    readUsage(asObject(value.usageMetadata), facts)
    return true
  },
  conversation: (body) => ({
    system: partsOf(asObject(body.systemInstruction ?? body.system_instruction)?.parts),
    messages: asList(body.contents).map((item) => {
      const content = asObject(item)
      return { role: asText(content?.role) ?? 'user', parts: partsOf(content?.parts) }
    }),
  }),
}

/** A prompt that is refused has no candidate, and this in place of a finish reason. */
function blockReason(value: JsonObject): string | undefined {
  return cleanCode(asObject(value.promptFeedback)?.blockReason)
}

function readCandidate(candidate: JsonObject, facts: ResponseFacts): void {
  const index = asNumber(candidate.index) ?? 0
  noteFinish(facts, index, candidate.finishReason)
  if (facts.content === undefined) return
  for (const entry of asList(asObject(candidate.content)?.parts)) {
    const part = asObject(entry)
    facts.content.text(index, asText(part?.text))
    const call = asObject(part?.functionCall)
    const name = asText(call?.name)
    if (name !== undefined) facts.content.tool(index, name, { name, arguments: JSON.stringify(call?.args) })
  }
}

/** Every piece of a stream repeats the counts so far. What a model thinks is billed as output and counted beside it. */
function readUsage(usage: JsonObject | undefined, facts: ResponseFacts): void {
  if (usage === undefined) return
  const reasoning = asCount(usage.thoughtsTokenCount)
  noteUsage(facts.usage, {
    input: sum(usage.promptTokenCount, usage.toolUsePromptTokenCount),
    output: sum(usage.candidatesTokenCount, reasoning),
    cacheRead: asCount(usage.cachedContentTokenCount),
    reasoning,
  })
}

function sum(first: unknown, second: unknown): number | undefined {
  const counts = [asCount(first), asCount(second)].filter((count) => count !== undefined)
  return counts.length === 0 ? undefined : counts.reduce((total, count) => total + count, 0)
}
