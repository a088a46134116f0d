/** The configuration flags as a text for `tokmesh start --help`. */
import type { Key } from '../config/key-types.ts'
import { flagOf, keyList } from '../config/keys.ts'

/** Every flag under its section, with type, default, range and what it is for. */
export function flagsHelp(): string {
  const lines: string[] = []
  let section = ''
  for (const [, key] of keyList) {
    const [first = ''] = key.path.split('.')
    if (first !== section) lines.push('', `${first}:`)
    section = first
    lines.push(`  ${flagOf(key.path)}=<${key.type}>`, `      ${key.about.replaceAll('`', '')} (${boundsOf(key)})`)
  }
  return `\nConfiguration flags, as --section.key=value:\n${lines.join('\n')}`
}

function boundsOf(key: Key<unknown>): string {
  const value = key.format(key.default)
  const initial = value === '' || Array.isArray(value) ? 'none' : String(value)
  return [`default: ${initial}`, key.range.replaceAll('`', '')].filter((part) => part !== '').join('; ')
}
