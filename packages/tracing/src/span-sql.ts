/** More of a statement says nothing more about it. */
const maxLength = 4096

// In this order: a quote inside of a comment opens no literal, nor a digit inside of a name a number.
const tokens = new RegExp(
  [
    '(--[^\\n]*|/\\*[\\s\\S]*?(?:\\*/|$))', // comment
    '("(?:[^"]|"")*(?:"|$)|`[^`]*(?:`|$))', // quoted name
    "(\\b[eE]'(?:[^'\\\\]|''|\\\\[\\s\\S])*(?:'|$)|(?:\\b[nNbBxX]|\\b[uU]&)?'(?:[^'\\\\]|'')*(?:'|\\\\[\\s\\S]*|$))", // string
    '(\\$([A-Za-z_]\\w*)?\\$[\\s\\S]*?(?:\\$\\5\\$|$))', // dollar-quoted string
    '(\\$\\d+|:[A-Za-z_]\\w*|@\\w+|[A-Za-z_][\\w$]*)', // placeholder, name or keyword
    '((?:0[xX][0-9a-fA-F]+|\\d+(?:\\.\\d*)?|\\.\\d+)(?:[eE][+-]?\\d+)?)', // number
  ].join('|'),
  'g',
)

/**
 * Returns `statement` with `?` in place of each literal, without comments, cut at 4,096 characters. What is quoted and
 * never closed counts as a literal to the end; so does a plain string with a backslash, as servers differ in what it means.
 */
export function parameterise(statement: string): string {
  const text = statement.slice(0, maxLength).replace(tokens, (whole, comment, name, _string, _dollar, _tag, word) => {
    if (comment !== undefined) return ' '
    return name !== undefined || word !== undefined ? whole : '?'
  })
  return text.trim()
}
