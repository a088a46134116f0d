import { defaultPatterns, isSecretName, isSuspicious, mask, maskAddresses, type RedactionPattern } from './patterns.ts'

/** What is masked beside tokens, credentials, passwords in addresses and PEM, which always are. */
export interface RedactOptions {
  /** Further texts. An expression alone is masked with `***REDACTED***`. Default: none. */
  readonly patterns?: readonly (RegExp | RedactionPattern)[]
  /**
   * Further names of fields, at any depth, whose values are masked; case, `-`, `_` and dots don't matter. `false`: no
   * field is masked for its name. Default: none beside `password`, `secret`, `authorization`, `cookie`, `token`,
   * `api_key`, `private_key`, `credentials` and names made with them.
   */
  readonly names?: readonly string[] | false
}

/** Masks secrets in texts and in lines. */
export interface Redactor {
  /** Returns `text` without its secrets. */
  text(text: string): string
  /** Returns a line of JSON without its secrets: in values, in keys, in fields with such names. It stays JSON. */
  json(line: string): string
}

/** Returns a redactor. A wrong option throws a `TypeError` that names it. */
export function createRedactor(options: RedactOptions = {}): Redactor {
  const own = (options.patterns ?? []).map(patternOf)
  const ownPatterns = own.map(({ pattern, replacement }) => [pattern, replacement] as const)
  const names = new Set((options.names || []).map(nameOf))
  const isSuspect = suspect(own, names)

  const text = (given: string): string => {
    const suspicious = isSuspicious(given)
    let masked = suspicious ? maskAddresses(given) : given
    if (suspicious) for (const [pattern, by] of defaultPatterns) masked = masked.replace(pattern, by)
    for (const [pattern, by] of ownPatterns) masked = masked.replace(pattern, by)
    return masked
  }

  const isSecret = (key: string): boolean => {
    const name = nameOf(key)
    return options.names !== false && (isSecretName(name) || names.has(name))
  }

  /** Called by `JSON.parse` for each value, from the leaves up. */
  function revive(key: string, value: unknown): unknown {
    if (key !== '' && typeof value !== 'boolean' && value !== null && isSecret(key)) return mask
    if (typeof value === 'string') return text(value)
    if (Array.isArray(value)) return isPaired(value) ? value.map(maskedAfter) : value
    return isObject(value) ? withMaskedKeys(value, text) : value
  }

  /** Names and values in turn, as Node's `rawHeaders` and the entries of a `Headers` have them. */
  function maskedAfter(value: unknown, at: number, all: readonly unknown[]): unknown {
    const name = at % 2 === 1 ? all[at - 1] : undefined
    return typeof name === 'string' && isSecret(name) ? mask : value
  }

  return {
    text,
    json: (line) =>
      isSuspect(line) ? JSON.stringify(JSON.parse(line, revive)) + (line.endsWith('\n') ? '\n' : '') : line,
  }
}

const standard = createRedactor()

/**
 * Returns `text` with every token, credential, connection-string password and PEM masked.
 *
 * For JSON take {@link createRedactor} and its `json`, which knows where a value ends.
 */
export function redact(text: string): string {
  return standard.text(text)
}

function patternOf(given: RegExp | RedactionPattern): Required<Omit<RedactionPattern, 'hint'>> & { hint?: string } {
  const {
    pattern,
    replacement = mask,
    hint,
  } = given instanceof RegExp ? { pattern: given } : (given as RedactionPattern)
  if (!(pattern instanceof RegExp))
    throw new TypeError('redact.patterns: each is a RegExp or an object with a "pattern"')
  if (hint === '') throw new TypeError('redact.patterns: "hint" must not be empty')
  const flags = pattern.flags.includes('g') ? pattern.flags : `${pattern.flags}g`
  return {
    pattern: new RegExp(pattern.source, flags.replace('y', '')),
    replacement,
    ...(hint !== undefined && { hint }),
  }
}

/** Whether a line must be taken apart. */
function suspect(own: readonly { hint?: string }[], names: ReadonlySet<string>): (line: string) => boolean {
  if (own.some(({ hint }) => hint === undefined)) return () => true
  const hints = own.map(({ hint = '' }) => hint)
  const inAnyStyle = [...names].map((name) => [...name].map(escaped).join('[-_. ]*'))
  const named = inAnyStyle.length > 0 ? new RegExp(inAnyStyle.join('|'), 'i') : undefined
  return (line) => isSuspicious(line) || hints.some((hint) => line.includes(hint)) || (named?.test(line) ?? false)
}

const escaped = (character: string): string => character.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&')

function nameOf(key: string): string {
  return key.toLowerCase().replace(/[-_. ]/g, '')
}

const isPaired = (values: readonly unknown[]): boolean =>
  values.length % 2 === 0 && values.every((value) => typeof value === 'string')

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/** The same object if no key holds a secret. Keys that are alike when masked are told apart by underscores. */
function withMaskedKeys(value: Readonly<Record<string, unknown>>, text: (given: string) => string): unknown {
  const keys = Object.keys(value)
  if (keys.every((key) => text(key) === key)) return value
  const masked = new Map<string, unknown>()
  for (const key of keys) {
    let name = text(key)
    while (masked.has(name)) name += '_'
    masked.set(name, value[key])
  }
  return Object.fromEntries(masked)
}
