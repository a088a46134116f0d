import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { CliError } from '../cli-error.ts'
import type { CliIo } from '../io.ts'

/** How an endpoint is asked. */
export interface SourceOptions {
  /** `Name: value`, each. */
  readonly headers: readonly string[]
  /** File that holds a token for `Authorization: Bearer`. */
  readonly bearerFile: string | undefined
  /** In milliseconds, for the answer and its body. */
  readonly timeoutMs: number
}

/** No exposition is that large: Prometheus would take minutes to read it. */
const maxBytes = 256 * 1024 * 1024

/** Resolves to the exposition at a URL, in a file, or on standard input for `-`. Throws a `CliError` without secrets. */
export async function readSource(source: string, options: SourceOptions, io: CliIo): Promise<string> {
  if (source === '-') return textOf(io.stdin)
  if (/^https?:\/\//i.test(source)) return fetchText(source, options, io)
  return readFile(resolve(io.cwd, source), 'utf8').catch((cause) => {
    throw new CliError('UNREACHABLE', `${source}: ${codeOf(cause) ?? 'it can not be read'}`, { cause })
  })
}

/** Returns a source as it may be shown: of a URL neither name, password nor query. */
export function shownSource(source: string): string {
  if (source === '-') return 'standard input'
  if (!/^https?:\/\//i.test(source)) return source
  return URL.canParse(source) ? `${new URL(source).origin}${new URL(source).pathname}` : 'the URL'
}

async function fetchText(source: string, options: SourceOptions, io: CliIo): Promise<string> {
  const shown = shownSource(source)
  const url = URL.canParse(source) ? new URL(source) : undefined
  if (!url) throw new CliError('USAGE', 'the URL is not well-formed')
  if (url.username || url.password) {
    throw new CliError('USAGE', `${shown}: give name and password in a header, --header 'Authorization: Basic …'`)
  }
  const headers = await headersOf(options, io)
  const signal = AbortSignal.timeout(options.timeoutMs)
  try {
    // A redirect could carry the key to another host.
    const response = await (io.fetch ?? fetch)(url, { headers, redirect: 'manual', signal })
    if (response.status !== 200) {
      await response.body?.cancel()
      throw new CliError('UNREACHABLE', `${shown} ${answerOf(response)}`)
    }
    return await textOf(response.body ?? [])
  } catch (cause) {
    if (cause instanceof CliError) throw cause
    const reason = signal.aborted
      ? `no answer within ${options.timeoutMs} ms`
      : (codeOf(cause) ?? 'it can not be reached')
    throw new CliError('UNREACHABLE', `${shown}: ${reason}`)
  }
}

function answerOf({ status, headers, type }: Response): string {
  if (status === 401 || status === 403) {
    return `answers ${status}: give it a key that may read metrics, with --bearer-file or --header 'Authorization: Bearer …'`
  }
  if (type === 'opaqueredirect' || (status >= 300 && status < 400 && headers.has('location'))) {
    return 'answers with a redirect: give the address that it redirects to'
  }
  return `answers ${status}`
}

async function headersOf({ headers, bearerFile }: SourceOptions, io: CliIo): Promise<Headers> {
  const all = new Headers({ accept: 'text/plain; version=0.0.4' })
  for (const header of headers) {
    const [, name = '', value = ''] = /^([^:\s]+):\s*(.*)$/s.exec(header) ?? []
    if (!name) throw new CliError('USAGE', "--header is not 'Name: value'")
    set(all, name, value, `--header ${name}`)
  }
  if (bearerFile !== undefined) {
    const token = await readFile(resolve(io.cwd, bearerFile), 'utf8').catch((cause) => {
      throw new CliError('USAGE', `--bearer-file ${bearerFile}: ${codeOf(cause) ?? 'it can not be read'}`, { cause })
    })
    set(all, 'authorization', `Bearer ${token.trim()}`, `--bearer-file ${bearerFile}`)
  }
  return all
}

/** The platform's message for a bad header shows its value. */
function set(headers: Headers, name: string, value: string, option: string): void {
  try {
    headers.set(name, value)
  } catch {
    throw new CliError('USAGE', `${option} holds characters that a header can not`)
  }
}

async function textOf(chunks: AsyncIterable<Uint8Array | string> | Iterable<never>): Promise<string> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of chunks) {
    const part = typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk
    bytes += part.length
    if (bytes > maxBytes) throw new CliError('NOT_AN_EXPOSITION', `it is larger than ${maxBytes / 1024 / 1024} MiB`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

const meanings: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there (connection refused)',
  ConnectionRefused: 'nothing listens there (connection refused)',
  ENOTFOUND: 'there is no such host',
  FailedToOpenSocket: 'there is no such host, or nothing listens there',
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'it may not be read',
}

/** What the code of a failure means. Never its message, in which there may be a header. */
function codeOf(failure: unknown): string | undefined {
  for (let at: unknown = failure; at instanceof Error; at = at.cause) {
    const inner = at instanceof AggregateError ? at.errors[0] : at
    const code: unknown = inner && typeof inner === 'object' && 'code' in inner ? inner.code : undefined
    if (typeof code === 'string' && /^[A-Za-z0-9_]+$/.test(code)) return meanings[code] ?? code
  }
  return undefined
}
