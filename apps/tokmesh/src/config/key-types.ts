/** The types that configuration keys have: how each is read from text, checked, and written again. */
import { formatDuration, formatHostPort, formatSize } from './format.ts'
import {
  type HostPort,
  isIpOrCidr,
  parseBoolean,
  parseDuration,
  parseHostPort,
  parseInteger,
  parseList,
  parseNumber,
  parseSize,
  parseUrl,
} from './parse.ts'

/** A complaint about a value that was understood but can't be used. */
export interface Complaint {
  readonly code: 'TM-CFG-1001' | 'TM-CFG-1002'
  readonly cause: string
  readonly fix: string
}

/** What a value is in YAML and in JSON. */
export type Plain = string | number | boolean | readonly string[]

/** One configuration key. */
export interface Key<T> {
  /** Dotted, as in the contract. */
  readonly path: string
  /** As the contract names it, e.g. `duration`. */
  readonly type: string
  /** What a value looks like, for messages. */
  readonly form: string
  /** What a value is in YAML; a text that says the same is taken too. */
  readonly yaml: 'boolean' | 'number' | 'string' | 'list'
  readonly default: T
  /** Where values end, for the reference; `''` where nothing does. */
  readonly range: string
  /** What it is for: a part of a sentence. */
  readonly about: string
  /** A path: relative ones are resolved, in a file from the file's folder, else from the working folder. */
  readonly isPath?: true
  /** `undefined` for text that is not of the type. */
  parse(text: string): T | undefined
  /** Of a list that is not of the type: the entries to blame. */
  readonly wrongEntries?: (text: string) => readonly string[]
  /** `undefined` for a usable value. */
  check(value: T): Complaint | undefined
  /** The value as it is written in a file; `parse` understands it. */
  format(value: T): Plain
}

const fine = (): undefined => undefined
const outOfRange = (cause: string, fix: string): Complaint => ({ code: 'TM-CFG-1002', cause, fix })

/** Numbers of a type between two bounds. */
function bounded(
  key: Pick<Key<number>, 'path' | 'type' | 'form' | 'yaml' | 'default' | 'about' | 'parse' | 'format'>,
  min: string,
  max: string,
): Key<number> {
  const [from = Number.NaN, to = Number.NaN] = [key.parse(min), key.parse(max)]
  const noun = key.form.replace(/ such as.*/, '')
  return {
    ...key,
    range: `${min} to ${max}`,
    check: (value) =>
      value >= from && value <= to
        ? undefined
        : outOfRange(`outside ${min} to ${max}`, `choose ${noun} from ${min} to ${max}`),
  }
}

/** Milliseconds. */
export function duration(path: string, defaultText: string, min: string, max: string, about: string): Key<number> {
  const [form, parse, format] = ['a duration such as 30s or 1h30m', parseDuration, formatDuration]
  const value = parse(defaultText) ?? Number.NaN
  return bounded({ path, type: 'duration', form, yaml: 'string', default: value, about, parse, format }, min, max)
}

/** Bytes. */
export function size(path: string, defaultText: string, min: string, max: string, about: string): Key<number> {
  const [form, parse, format] = ['a size such as 1MB', parseSize, formatSize]
  const value = parse(defaultText) ?? Number.NaN
  return bounded({ path, type: 'size', form, yaml: 'string', default: value, about, parse, format }, min, max)
}

export function integer(path: string, value: number, min: number, max: number, about: string): Key<number> {
  const [form, parse, format] = ['a whole number', parseInteger, Number]
  const key = { path, type: 'int', form, yaml: 'number' as const, default: value, about, parse, format }
  return bounded(key, String(min), String(max))
}

export function float(path: string, value: number, min: number, max: number, about: string): Key<number> {
  const [form, parse, format] = ['a number', parseNumber, Number]
  const key = { path, type: 'float', form, yaml: 'number' as const, default: value, about, parse, format }
  return bounded(key, String(min), String(max))
}

export function boolean(path: string, defaultValue: boolean, about: string): Key<boolean> {
  const shape = { type: 'bool', form: 'true or false', yaml: 'boolean', range: '', check: fine } as const
  return { path, ...shape, default: defaultValue, about, parse: parseBoolean, format: (value) => value }
}

const portRange = ({ port }: HostPort) =>
  port >= 1 && port <= 65535 ? undefined : outOfRange('port outside 1 to 65535', 'choose a port from 1 to 65535')

const endpoint = {
  type: 'host:port',
  form: 'host:port, an IPv6 address in brackets',
  yaml: 'string',
  range: 'port 1 to 65535',
} as const

/** Where to listen. */
export function hostPort(path: string, host: string, port: number, about: string): Key<HostPort> {
  const shape = { ...endpoint, default: { host, port }, parse: parseHostPort, check: portRange, format: formatHostPort }
  return { path, about, ...shape }
}

/** Where others find this node; `''` for none. */
export function peerAddress(path: string, about: string): Key<HostPort | ''> {
  const check = (value: HostPort | ''): Complaint | undefined => {
    if (value === '') return undefined
    if (!/^(0\.0\.0\.0|::)$/.test(value.host)) return portRange(value)
    const fix = 'write the name or address by which the other nodes find this one'
    return { code: 'TM-CFG-1001', cause: 'no address that others could connect to', fix }
  }
  const parse = (text: string) => (text === '' ? '' : parseHostPort(text))
  const format = (value: HostPort | '') => (value === '' ? '' : formatHostPort(value))
  return { path, about, ...endpoint, default: '', parse, check, format }
}

/** IP addresses and CIDR blocks. */
export function addresses(path: string, about: string): Key<readonly string[]> {
  const parse = (text: string) => {
    const entries = parseList(text)
    return entries.every(isIpOrCidr) ? entries : undefined
  }
  const form = 'IP addresses and CIDR blocks, with commas'
  const wrongEntries = (text: string) => parseList(text.replace(/^\[|\]$/g, '')).filter((entry) => !isIpOrCidr(entry))
  const shape = { type: 'IP/CIDR[]', form, wrongEntries, yaml: 'list', range: '', check: fine } as const
  return { path, about, ...shape, default: [], parse, format: (value) => value }
}

export function oneOf<const T extends string>(
  path: string,
  values: readonly T[],
  defaultValue: NoInfer<T>,
  about: string,
): Key<T> {
  const range = values.join(', ')
  const check = (value: T) =>
    values.includes(value) ? undefined : outOfRange(`not one of ${range}`, `choose one of ${range}`)
  const parse = (text: string) => text.toLowerCase() as T
  const shape = { type: 'enum', form: range, yaml: 'string', range, check } as const
  return { path, about, ...shape, default: defaultValue, parse, format: (value) => value }
}

export function text(path: string, range: string, check: Key<string>['check'], about: string): Key<string> {
  const same = (value: string) => value
  return {
    path,
    about,
    type: 'string',
    form: 'text',
    yaml: 'string',
    default: '',
    range,
    parse: same,
    check,
    format: same,
  }
}

/** A file or folder. */
export function path(name: string, defaultValue: string, about: string): Key<string> {
  const empty: Complaint = {
    code: 'TM-CFG-1001',
    cause: 'empty',
    fix: `write a path, or leave it out for ${defaultValue}`,
  }
  const content: Complaint = {
    code: 'TM-CFG-1001',
    cause: 'the content of a file, not a path to it',
    fix: 'save it to a file and write the path of that',
  }
  const check = (value: string) => {
    if (value.includes('-----BEGIN')) return content
    return value === '' && defaultValue !== '' ? empty : undefined
  }
  const shape = { type: 'path', form: 'a path', default: defaultValue, isPath: true } as const
  return { ...text(name, '', check, about), ...shape }
}

/** The address of a service that is spoken to over HTTP; `''` for none. */
export function url(path: string, about: string): Key<string> {
  const parse = (value: string) => (value === '' ? '' : parseUrl(value))
  return { ...text(path, '', fine, about), type: 'url', form: 'an http:// or https:// address', parse }
}
