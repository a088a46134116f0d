/** What can be wrong with a configuration, and how it is told without telling a secret. */
import { redact } from '@honoscope/logging'

export type ConfigCode = `TM-CFG-100${1 | 2 | 3 | 4 | 5 | 6 | 7}`

/** One thing wrong with the configuration, fit for a person and for a log: values that may be secret are masked. */
export interface ConfigProblem {
  readonly code: ConfigCode
  /** As the user wrote it: the variable, the flag, or the key in a file. */
  readonly field: string
  /** The key, where `field` is another name of it. */
  readonly key?: string
  /** File and line, e.g. `/etc/tokmesh-server/config.yaml:12`. */
  readonly at?: string
  readonly value: string
  readonly cause: string
  readonly fix: string
}

/** Something that was ignored, or that an operator should know. */
export interface ConfigWarning extends Omit<ConfigProblem, 'code' | 'value'> {
  readonly value?: string
  /** A protection may be weaker than its operator believes. */
  readonly security?: boolean
}

/** Where a value comes from, and the text that was written there. */
export type Origin = { readonly text?: string } & (
  | { readonly kind: 'default' }
  | { readonly kind: 'file'; readonly file: string; readonly line: number }
  | { readonly kind: 'environment' | 'flag'; readonly name: string }
)

/** What stands for a value that is not shown. */
export const hidden = '***REDACTED***'

const longestShown = 200

/**
 * A value as it may be shown: hidden where the name says that it is a secret, which the path of a key file is not,
 * and where it is the content of a PEM file; without tokens, key secrets and the passwords of addresses; on one line.
 */
export function shown(name: string, value: string): string {
  if (/password|secret|key/i.test(name) && !/key[_-]file$/i.test(name)) return hidden
  if (value.includes('-----BEGIN')) return hidden
  const masked = redact(maskAddress(value))
  const short = masked.length > longestShown ? `${masked.slice(0, longestShown)}…` : masked
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are looked for.
  return /[\u0000-\u001f\u007f]/.test(short) ? JSON.stringify(short) : short
}

/**
 * `text` with the passwords of the addresses in it hidden, in front of the host and among the parameters. A password
 * may hold anything, line breaks too: rather too much is hidden than too little.
 */
export function maskAddress(text: string): string {
  return text
    .replace(/:\/\/([^:@]*):[\s\S]*@/g, `://$1:${hidden}@`)
    .replace(/([?&][^=&\s]*(?:password|secret|key|token)[^=&\s]*=)[^&]*/gi, `$1${hidden}`)
}

/** Name and place of a value, for a problem with it. `key` is its dotted path. */
export function placeOf(origin: Origin, key: string): Pick<ConfigProblem, 'field' | 'key' | 'at'> {
  if (origin.kind === 'file') return { field: key, at: `${origin.file}:${origin.line}` }
  return origin.kind === 'default' ? { field: key } : { field: origin.name, key }
}

/** The problem in one line. */
export function describeProblem(problem: ConfigProblem): string {
  return `${problem.code} ${describeWarning(problem)}`
}

/** The warning in one line. Names are the user's too, so no secret in them is shown either. */
export function describeWarning({ field, key, at, value, cause, fix, ...more }: ConfigWarning): string {
  const text = `${field}${value === undefined ? '' : `=${value}`}${at ? ` (${at})` : ''}`
  const loud = 'security' in more && more.security ? 'SECURITY: ' : ''
  return redact(`${loud}${text}: ${key ? `${key}: ` : ''}${cause}; ${fix}`)
}
