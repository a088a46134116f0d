/** Hosts by their end, and the name that the GenAI conventions give to who answers there. */
const knownHosts: readonly (readonly [end: string, provider: string])[] = [
  ['api.openai.com', 'openai'],
  ['.openai.azure.com', 'azure.ai.openai'],
  ['.services.ai.azure.com', 'azure.ai.inference'],
  ['.models.ai.azure.com', 'azure.ai.inference'],
  ['api.anthropic.com', 'anthropic'],
  ['generativelanguage.googleapis.com', 'gcp.gemini'],
  ['aiplatform.googleapis.com', 'gcp.vertex_ai'],
  ['api.mistral.ai', 'mistral_ai'],
  ['api.groq.com', 'groq'],
  ['api.deepseek.com', 'deepseek'],
  ['api.x.ai', 'x_ai'],
  ['api.perplexity.ai', 'perplexity'],
  ['api.cohere.com', 'cohere'],
  ['api.cohere.ai', 'cohere'],
  ['api.moonshot.ai', 'moonshot_ai'],
  ['api.moonshot.cn', 'moonshot_ai'],
  ['.ml.cloud.ibm.com', 'ibm.watsonx.ai'],
]

/** Regions stand in front (`eu-aiplatform…`) or inside of the name. */
const bedrock = /^bedrock-runtime\.[\w-]+\.amazonaws\.com$/

/** Returns `gen_ai.provider.name` for a host; `named`, by host or host and port, comes first. `undefined`: nobody known. */
export function providerOf(url: URL, named: Readonly<Record<string, string>>): string | undefined {
  const own = lookUp(named, url.host) ?? lookUp(named, url.hostname)
  if (own !== undefined) return own
  if (bedrock.test(url.hostname)) return 'aws.bedrock'
  return knownHosts.find(([end]) => url.hostname.endsWith(end))?.[1]
}

const lookUp = (named: Readonly<Record<string, string>>, host: string): string | undefined =>
  Object.hasOwn(named, host) ? named[host] : undefined
