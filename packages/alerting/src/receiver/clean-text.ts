/** Returns the text, cut to `max` characters. What PostgreSQL can't keep becomes U+FFFD: NUL, and halves of surrogate pairs. */
export function cleanText(text: string, max: number): string {
  const cut = text.length > max ? `${text.slice(0, max - 1)}…` : text
  return cut.replace(/\0|\p{Surrogate}/gu, '\uFFFD')
}
