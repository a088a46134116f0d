/**
 * Returns what `step` returns; `undefined` when it throws.
 *
 * The one guard between the SDK and the work that is traced, for what no `observe()` guards: whatever OpenTelemetry, a
 * processor or an attribute's getter throws, the call or the work goes on as if it were not traced.
 */
export function attempt<T>(step: () => T): T | undefined {
  try {
    return step()
  } catch {
    return undefined
  }
}
