/** The sentence of a thrown value, for the operator's eyes. What is no `Error` says nothing. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown fault'
}
