/**
 * A route template of Hono in OpenAPI's form: `/users/:id{[0-9]+}` becomes `/users/{id}`, an optional `:id?` too.
 * Wildcards stay as they are.
 */
export function toOpenApi(route: string): string {
  let out = ''
  for (let i = 0; i < route.length; ) {
    const name = route[i] === ':' && route[i - 1] === '/' ? /^[^/{?]+/.exec(route.slice(i + 1))?.[0] : undefined
    if (name === undefined) {
      out += route[i++]
      continue
    }
    out += `{${name}}`
    i = skipPattern(route, i + 1 + name.length)
    if (route[i] === '?') i++
  }
  return out
}

/** Position after the `{…}` at `from`, which may hold braces itself; `from` when there is none. */
function skipPattern(route: string, from: number): number {
  if (route[from] !== '{') return from
  let depth = 0
  for (let i = from; i < route.length; i++) {
    if (route[i] === '\\') i++
    else if (route[i] === '{') depth++
    else if (route[i] === '}' && --depth === 0) return i + 1
  }
  return route.length
}
