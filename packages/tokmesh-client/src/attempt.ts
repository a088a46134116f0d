/** One request and its answer. */
import { errorFor } from './error-table.ts'
import { limit, within } from './limit.ts'
import type { Settings } from './options.ts'
import { headersOf, type Prepared } from './request.ts'
import { NetworkError, UnexpectedAnswerError } from './transport-errors.ts'

/**
 * Sends the call once and resolves to the `data` of its answer. Rejects with the error that its envelope stands for,
 * with a `NetworkError`, a `TimeoutError` or an `UnexpectedAnswerError`, or with the reason of `signal`.
 */
export async function attempt(prepared: Prepared, settings: Settings, signal: AbortSignal): Promise<unknown> {
  const { attemptTimeoutMs } = settings
  const { signal: ended, release } =
    attemptTimeoutMs === undefined ? unlimited(signal) : limit(attemptTimeoutMs, signal)
  try {
    const headers = await within(ended, headersOf(prepared, settings))
    const answer = await within(ended, send(prepared, settings, headers, ended)).catch((error) => {
      throw ended.aborted ? ended.reason : new NetworkError(reasonOf(error))
    })
    return read(answer)
  } finally {
    release()
  }
}

const unlimited = (signal: AbortSignal) => ({ signal, release: () => {} })

interface Answer {
  readonly response: Response
  readonly text: string
}

async function send(
  { url, method, body }: Prepared,
  { fetch }: Settings,
  headers: Headers,
  signal: AbortSignal,
): Promise<Answer> {
  // A redirection would carry tokens to where nobody has said they should go.
  const response = await fetch(url, {
    method,
    headers,
    signal,
    redirect: 'manual',
    ...(body !== undefined && { body }),
  })
  return { response, text: await response.text() }
}

function read({ response, text }: Answer): unknown {
  const { status, ok, headers } = response
  // An envelope of a refusal has no token in it; should one be there, it goes no further.
  const envelope = parse(ok ? text : text.replace(/(tm(?:as|tk|th)_)[\w-]+/g, '$1***'))
  const { code, data, message, details, request_id: requestId } = envelope
  if (ok && code === 'OK' && isObject(data)) return data
  if (ok || typeof code !== 'string' || !/^TM-[A-Z]+-\d{4}$/.test(code)) {
    const mediaType = /^[\w.+-]{1,80}\/[\w.+-]{1,80}/.exec(headers.get('content-type') ?? '')?.[0]
    throw new UnexpectedAnswerError(status, mediaType ?? '')
  }
  const retryAfter = headers.get('retry-after') ?? ''
  throw errorFor({
    code,
    status,
    message: String(message),
    details: isObject(details) ? details : {},
    requestId: String(requestId ?? ''),
    retryAfterSeconds: /^\d{1,9}$/.test(retryAfter) ? Number(retryAfter) : undefined,
  })
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : {}
  } catch {
    return {}
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/** The first code that the error or one of its causes has, else its name. Nothing longer: it may hold anything. */
function reasonOf(error: unknown): string {
  let name = 'unknown'
  for (let [at, depth] = [error, 0]; isObject(at) && depth < 5; [at, depth] = [at.cause, depth + 1]) {
    if (isShort(at.code)) return at.code
    if (depth === 0 && isShort(at.name)) name = at.name
  }
  return name
}

const isShort = (value: unknown): value is string => typeof value === 'string' && /^[A-Za-z]\w{0,39}$/.test(value)
