/** Characters of a statement that are kept. The rest of a bulk insert tells nothing. */
export const maxStatementChars = 2_048

/**
 * Everything in which a quote, digit or dash is no literal comes along too, so that literals are found where
 * PostgreSQL finds them. What has no end, as cutting leaves it, goes to the end; so does a comment within a comment.
 */
const tokens = new RegExp(
  [
    '"(?:[^"]|"")*(?:"|$)',
    // Strings: with escapes, also where they go on after a line feed, and without.
    String.raw`[eE]'(?:[^'\\]|\\[^]|''|'[^\S\n]*\n\s*')*(?:'|\\?$)`,
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

const commands: ReadonlySet<string> = new Set(
  (
    'select insert update delete merge with values table call copy truncate create alter drop grant revoke comment begin start ' +
    'commit rollback abort savepoint release set reset show lock listen notify unlisten refresh vacuum analyze explain ' +
    'reindex cluster do declare fetch move close prepare execute deallocate discard'
  ).split(' '),
)

const wordsAndParentheses = /[a-z_]\w*|"[^"]*"|[()]/gi

/**
 * Returns the command of a {@link sanitiseStatement sanitised} statement in lower case, e.g. `select`, `create`; of one
 * that begins with `with`, the command that the `with` is for; `query` where it is none that is known.
 */
export function commandOf(text: string): string {
  const first = /^[\s(;]*([a-z]+)/i.exec(text)?.[1]?.toLowerCase() ?? ''
  if (first === 'with') return commandAfterWith(text)
  return commands.has(first) ? first : 'query'
}

function commandAfterWith(text: string): string {
  let depth = 0
  for (const [token] of text.matchAll(wordsAndParentheses)) {
    if (token === '(') depth++
    else if (token === ')') depth--
    else if (depth === 0 && /^(?:select|insert|update|delete|merge|values)$/i.test(token)) return token.toLowerCase()
  }
  return 'with'
}
