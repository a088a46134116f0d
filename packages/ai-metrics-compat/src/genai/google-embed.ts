import { noteUsage } from './facts.ts'
import type { WireFormat } from './format.ts'
import { asCount, asNumber, asObject } from './json.ts'

/** `POST …/models/{model}:embedContent` and `:batchEmbedContents`. What it is given and returns is never captured. */
export const googleEmbed: WireFormat = {
  operation: 'embeddings',
  provider: 'gcp.gen_ai',
  distinctive: true,
  fits: (body) => body.content !== undefined || Array.isArray(body.requests),
  request(body) {
    const dimensions = asNumber(body.outputDimensionality)
    return {
      // It stands in the URL.
      model: undefined,
      stream: false,
      attributes: { ...(dimensions !== undefined && { 'gen_ai.embeddings.dimension.count': dimensions }) },
    }
  },
  response(value, facts) {
    // Most models tell no usage here.
    noteUsage(facts.usage, { input: asCount(asObject(value.usageMetadata)?.promptTokenCount) })
    facts.complete = true
    return true
  },
  conversation: () => ({ system: [], messages: [] }),
}
