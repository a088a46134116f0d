/** The methods that keep their name; a client can send any other token, so those fold into `_OTHER`. */
export const knownMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', '_OTHER'] as const

/** One of {@link knownMethods}. */
export type KnownMethod = (typeof knownMethods)[number]

const known: ReadonlySet<string> = new Set(knownMethods)

/** Returns `method` if it is a known one, else `_OTHER`: the name that OpenTelemetry's conventions give to the rest. */
export function foldMethod(method: string): KnownMethod {
  return method === 'GET' || known.has(method) ? (method as KnownMethod) : '_OTHER'
}
