import { cleanName, noteUsage } from './facts.ts'
import type { WireFormat } from './format.ts'
import { asCount, asNumber, asObject } from './json.ts'

/** `POST …/embeddings`. What it is given and what it returns are never captured. */
export const openaiEmbeddings: WireFormat = {
  operation: 'embeddings',
  provider: 'openai',
  distinctive: false,
  fits: (body) => body.input !== undefined,
  request(body) {
    const dimensions = asNumber(body.dimensions)
    const encoding = body.encoding_format
    return {
      model: cleanName(body.model),
      stream: false,
      attributes: {
        ...(dimensions !== undefined && { 'gen_ai.embeddings.dimension.count': dimensions }),
        ...((encoding === 'float' || encoding === 'base64') && { 'gen_ai.request.encoding_formats': [encoding] }),
      },
    }
  },
  response(value, facts) {
    facts.model ??= cleanName(value.model)
    noteUsage(facts.usage, { input: asCount(asObject(value.usage)?.prompt_tokens) })
    facts.complete = true
    return true
  },
  conversation: () => ({ system: [], messages: [] }),
}
