import { anthropicMessages } from './anthropic.ts'
import { cleanName } from './facts.ts'
import type { WireFormat } from './format.ts'
import { googleGenerate } from './google.ts'
import { googleEmbed } from './google-embed.ts'
import { openaiChat, openaiCompletions } from './openai-chat.ts'
import { openaiEmbeddings } from './openai-embeddings.ts'
import { openaiResponses } from './openai-responses.ts'

/** What a URL says of a call to a model. */
export interface Endpoint {
  readonly format: WireFormat
  /** The model, or the deployment, that stands in the path. */
  readonly model: string | undefined
  /** Whether the path asks for a stream, which bodies of other formats do. */
  readonly streams: boolean
}

const byEnding: Readonly<Record<string, WireFormat>> = {
  'chat/completions': openaiChat,
  completions: openaiCompletions,
  responses: openaiResponses,
  embeddings: openaiEmbeddings,
  messages: anthropicMessages,
}

// Matched for every POST that goes through the instrumented fetch: it has to say no quickly.
const ending = /\/(chat\/completions|completions|responses|embeddings|messages)\/?$/
const googlePath =
  /\/(?:models|tunedModels|endpoints)\/([^/:]+):(generateContent|streamGenerateContent|embedContent|batchEmbedContents)$/
const azureDeployment = /\/deployments\/([^/]+)\//

/** Returns what the path of a URL asks for; `undefined` when it is nothing of ours. */
export function endpointOf(path: string): Endpoint | undefined {
  const byPath = byEnding[ending.exec(path)?.[1] ?? '']
  if (byPath) return { format: byPath, model: decoded(azureDeployment.exec(path)?.[1]), streams: false }
  const google = googlePath.exec(path)
  if (google === null) return undefined
  const format = /embed/i.test(google[2] ?? '') ? googleEmbed : googleGenerate
  return { format, model: decoded(google[1]), streams: google[2] === 'streamGenerateContent' }
}

function decoded(segment: string | undefined): string | undefined {
  if (segment === undefined) return undefined
  try {
    return cleanName(decodeURIComponent(segment))
  } catch {
    return cleanName(segment)
  }
}

/** Returns the path of an absolute URL; it may hold more than the path where the URL is odd. */
export function pathOf(url: string): string {
  const end = url.search(/[?#]/)
  return end === -1 ? url : url.slice(0, end)
}
