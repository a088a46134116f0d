import { type Reader, toUrl } from './environment.ts'
import { compressions, type OtlpOptions, protocols } from './options.ts'

/** Where and how OTLP is sent. */
export interface OtlpSettings {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly compression: 'gzip' | 'none'
  readonly protocol: 'http/json' | 'http/protobuf'
  /** Paths of PEM files, each with the variable that it comes from. */
  readonly files: Readonly<Record<TlsFile, NamedFile | undefined>>
}

/** The files that TLS takes, named as Node's `https` names their contents. */
export type TlsFile = 'ca' | 'cert' | 'key'

/** A path, and the variable to name when it can't be read. */
export interface NamedFile {
  readonly variable: string
  readonly path: string
}

const general = 'OTEL_EXPORTER_OTLP_'
const ofTraces = 'OTEL_EXPORTER_OTLP_TRACES_'

/**
 * Returns the OTLP settings: options first, then the `TRACES` variables, then the general ones.
 *
 * @throws TypeError for a wrong option.
 */
export function readOtlp(options: OtlpOptions, env: Reader): OtlpSettings {
  /** Reads the variable of traces, and the general one if that is not set or malformed. */
  const first = <T>(name: string, read: (variable: string) => T | undefined): T | undefined =>
    read(ofTraces + name) ?? read(general + name)
  const file = (name: string): NamedFile | undefined =>
    first(name, (variable) => {
      const path = env.text(variable)
      return path === undefined ? undefined : { variable, path }
    })
  return {
    url: readUrl(options, env),
    headers: readHeaders(options, env),
    timeoutMs: options.timeoutMs ?? first('TIMEOUT', (name) => env.delay(name, 1)) ?? 10_000,
    compression: options.compression ?? first('COMPRESSION', (name) => env.choice(name, compressions)) ?? 'none',
    protocol: options.protocol ?? first('PROTOCOL', (name) => env.choice(name, protocols)) ?? 'http/json',
    files: { ca: file('CERTIFICATE'), cert: file('CLIENT_CERTIFICATE'), key: file('CLIENT_KEY') },
  }
}

function readUrl(options: OtlpOptions, env: Reader): URL {
  if (options.url !== undefined) return option('otlp.url', options.url)
  if (options.endpoint !== undefined) return appendPath(option('otlp.endpoint', options.endpoint))
  return env.url(`${ofTraces}ENDPOINT`) ?? appendPath(env.url(`${general}ENDPOINT`) ?? new URL('http://localhost:4318'))
}

function option(name: string, value: string): URL {
  const url = toUrl(value)
  // The value may hold credentials.
  if (url === undefined) throw new TypeError(`tracing: ${name} must be an absolute http or https URL`)
  return url
}

function appendPath(base: URL): URL {
  const url = new URL(base)
  url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/traces`
  return url
}

/** What HTTP allows in a header: a token, and text without controls. */
const isHeader = (name: string, value: string): boolean =>
  /^[\w!#$%&'*+.^`|~-]+$/.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value)

function readHeaders(options: OtlpOptions, env: Reader): Readonly<Record<string, string>> {
  const given = options.headers ?? {}
  for (const [name, value] of Object.entries(given)) {
    if (typeof value !== 'string' || !isHeader(name, value)) {
      throw new TypeError(`tracing: otlp.headers: ${JSON.stringify(name)} is no header that HTTP allows`)
    }
  }
  const merged: Record<string, string> = {}
  for (const source of [env.pairs(`${general}HEADERS`, isHeader), env.pairs(`${ofTraces}HEADERS`, isHeader), given]) {
    for (const [name, value] of Object.entries(source ?? {})) merged[name.toLowerCase()] = value
  }
  return merged
}
