/** The reference of every key as Markdown, for `docs/tokmesh-configuration.md`. */
import type { Key } from './key-types.ts'
import { flagOf, keyList, variableOf } from './keys.ts'

/** What stands around the table on the page. */
export const referenceMarks = ['<!-- keys: made by scripts/config-reference.mjs -->', '<!-- /keys -->'] as const

const names = ['key', 'type', 'default', 'range', 'what', 'variable', 'flag']

/** One row a key, in the contract's order. */
export function referenceTable(): string {
  const rows = keyList.map(([, key]) => [
    ...[code(key.path), key.type, defaultOf(key), key.range, key.about],
    ...[code(variableOf(key.path)), code(flagOf(key.path))],
  ])
  return [names, names.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
}

/** The page with the table of this program in place of its own. Throws where the page has no marks. */
export function withReference(page: string): string {
  const [open, close] = referenceMarks
  const [from, to] = [page.indexOf(open), page.indexOf(close)]
  if (from < 0 || to < from) throw new Error(`the page has no ${open} … ${close}`)
  return `${page.slice(0, from)}${open}\n\n${referenceTable()}\n\n${page.slice(to)}`
}

function defaultOf(key: Key<unknown>): string {
  const value = key.format(key.default)
  if (value === '') return 'empty'
  return Array.isArray(value) ? 'none' : code(String(value))
}

const code = (text: string) => `\`${text}\``
