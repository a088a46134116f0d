import { cleanCode } from './facts.ts'
import { asObject, type JsonObject } from './json.ts'

/** `error.type` of a caller that stopped reading before the response was complete, or never read it. */
export const cancelled = 'cancelled'

/** Returns the provider's code out of the error that `value` holds; `undefined` when it holds none. */
export function errorTypeIn(value: JsonObject): string | undefined {
  const { error } = value
  if (typeof error === 'string') return cleanCode(error) ?? 'error'
  const details = asObject(error)
  if (details === undefined) return undefined
  const { code, type, status } = details
  // OpenAI: code, or type where that is null. Anthropic: type. Google: status, beside the HTTP status as a number.
  return cleanCode(code) ?? cleanCode(type) ?? cleanCode(status) ?? (typeof code === 'number' ? String(code) : 'error')
}

/** Returns the code or name of what was thrown, never its message: `ECONNREFUSED`, `AbortError`. */
export function errorTypeOf(error: unknown): string {
  try {
    const { code, name, cause } = (error ?? {}) as { code?: unknown; name?: unknown; cause?: { code?: unknown } }
    // `fetch` says `TypeError` for whatever goes wrong on the network; its cause knows what.
    return cleanCode(code) ?? cleanCode(cause?.code) ?? cleanCode(name) ?? typeof error
  } catch {
    return 'Error'
  }
}
