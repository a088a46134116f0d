/** Returns the value with texts of several lines as lists: the two test runners print such texts differently. */
export function linesOf(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_, it) =>
    typeof it === 'string' && it.includes('\n') ? it.split('\n') : it,
  )
}
