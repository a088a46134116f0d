/** Characters of a statement that are kept. The rest of a bulk insert tells nothing. */
export const maxStatementChars = 2_048

/**
 * Everything in which a quote, digit or dash is no literal comes along too, so that literals are found where
 * PostgreSQL finds them. What has no end, as cutting leaves it, goes to the end; so does a comment within a comment.
 */
const tokens = new RegExp(
  [
    '"(?:[^"]|"")*(?:"|$)',
    // Strings: with escapes, without.
    String.raw`[eE]'(?:[^'\\]|\\[^]|'')*(?:'|\\?$)`,
    "(?:[uU]&|[bBxXnN])?'(?:[^']|'')*(?:'|$)",
    String.raw`\$(?<tag>(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?)\$[^]*?(?:\$\k<tag>\$|$)`,
    // Parameters and names.
    String.raw`\$\d+`,
    String.raw`[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*`,
    // Numbers.
    String.raw`(?:\d|\.\d)[\w.]*(?:(?<=[eE])[+-]\d+)?`,
    String.raw`--[^\n]*`,
    String.raw`\/\*(?:(?!\/\*)[^])*?\*\/|\/\*[^]*`,
  ].join('|'),
  'g',
)

const namePattern = /^[A-Za-z_\u0080-\uffff][^']*$|^\$\d|^".*"$/s

/**
 * Returns a statement without what may be a value: strings and numbers become `?`, comments are left out, `$1` stays.
 * At most {@link maxStatementChars} characters of it are read.
 */
export function sanitiseStatement(text: string): string {
  const read = text.length > maxStatementChars ? text.slice(0, maxStatementChars) : text
  return read.replace(tokens, replacement).trim()
}

function replacement(token: string): string {
  if (namePattern.test(token)) return token
  return token.startsWith('--') || token.startsWith('/*') ? ' ' : '?'
}
