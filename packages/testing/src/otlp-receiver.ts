import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answer, type OtlpMode } from './otlp-answer.ts'
import type { OtlpJsonOptions } from './otlp-json.ts'
import { type ReceivedRequest, readRequest } from './otlp-request.ts'
import type { ReceivedSpan } from './otlp-spans.ts'

export type { OtlpMode } from './otlp-answer.ts'
export { type OtlpJsonOptions, otlpTraceFaults } from './otlp-json.ts'
export type { ReceivedRequest } from './otlp-request.ts'
export type {
  ReceivedAttributes,
  ReceivedEvent,
  ReceivedLink,
  ReceivedSpan,
  ReceivedValue,
} from './otlp-spans.ts'

/** How a receiver is started. */
export interface OtlpReceiverOptions extends OtlpJsonOptions {
  /** Port of 127.0.0.1. Default: 0, a free one. A port that is taken rejects the start. */
  readonly port?: number
  /** What it does from the start. Default: `accept`. */
  readonly mode?: OtlpMode
}

/** A small OTLP/HTTP collector for traces, which finds fault with what it gets. */
export interface OtlpReceiver {
  /** Of the signal: `http://127.0.0.1:<port>/v1/traces`. */
  readonly url: string
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`: `http://127.0.0.1:<port>`. */
  readonly endpoint: string
  readonly port: number
  /** Spans that were accepted, in the order of their coming. Those of a request that was refused are not among them. */
  readonly spans: readonly ReceivedSpan[]
  readonly requests: readonly ReceivedRequest[]
  /** What was wrong with the requests, in words; such a request is answered with 4xx. */
  readonly faults: readonly string[]
  /** Changes what it does with requests from now on; resolves when that is in force. Those that hang go on hanging. */
  mode(next: OtlpMode): Promise<void>
  /**
   * Resolves with all spans once there are so many, or the predicate holds; rejects after `timeoutMs` (5,000) and
   * tells what has come instead.
   */
  waitForSpans(
    wanted: number | ((spans: readonly ReceivedSpan[]) => boolean),
    timeoutMs?: number,
  ): Promise<readonly ReceivedSpan[]>
  /** Forgets spans, requests and faults. */
  clear(): void
  /** Closes the port and every connection. */
  stop(): Promise<void>
}

/** Starts a receiver on 127.0.0.1. */
export async function startOtlpReceiver(options: OtlpReceiverOptions = {}): Promise<OtlpReceiver> {
  const received = { spans: [] as ReceivedSpan[], requests: [] as ReceivedRequest[], faults: [] as string[] }
  const waiting = new Set<() => void>()
  let mode = options.mode ?? 'accept'
  const listener = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const found = await readRequest(request, options)
    if (found === undefined) return
    received.requests.push(found.request)
    received.faults.push(...found.faults)
    if (answer(response, mode, found)) received.spans.push(...found.spans)
    for (const look of waiting) look()
  }
  const listening = reopenable(listener)
  await listening.open(options.port ?? 0)
  if (mode === 'refuse') await listening.close()
  const endpoint = `http://127.0.0.1:${listening.number()}`
  return {
    ...received,
    endpoint,
    url: `${endpoint}/v1/traces`,
    port: listening.number(),
    async mode(next) {
      mode = next
      await (next === 'refuse' ? listening.close() : listening.open(listening.number()))
    },
    waitForSpans: (wanted, timeoutMs = 5000) => wait(received, waiting, wanted, timeoutMs),
    clear() {
      for (const list of Object.values(received)) list.length = 0
    },
    stop: () => listening.close(),
  }
}

/** A server that closes and comes back on its port. */
function reopenable(listener: (request: IncomingMessage, response: ServerResponse) => Promise<void>) {
  let server: Server | undefined
  let number = 0
  return {
    number: () => number,
    async open(wanted: number): Promise<void> {
      if (server !== undefined) return
      const next = createServer((request, response) => void listener(request, response))
      await new Promise<void>((resolve, reject) => {
        next.once('error', reject)
        next.listen(wanted, '127.0.0.1', resolve)
      })
      number = (next.address() as AddressInfo).port
      server = next
    },
    async close(): Promise<void> {
      const last = server
      if (last === undefined) return
      server = undefined
      await new Promise<void>((resolve) => {
        last.close(() => resolve())
        last.closeAllConnections()
      })
    },
  }
}

function wait(
  received: { readonly spans: readonly ReceivedSpan[]; readonly faults: readonly string[] },
  waiting: Set<() => void>,
  wanted: number | ((spans: readonly ReceivedSpan[]) => boolean),
  timeoutMs: number,
): Promise<readonly ReceivedSpan[]> {
  const there = typeof wanted === 'number' ? () => received.spans.length >= wanted : () => wanted(received.spans)
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      clearTimeout(timer)
      waiting.delete(look)
    }
    const look = (): void => {
      if (!there()) return
      settle()
      resolve([...received.spans])
    }
    const timer = setTimeout(() => {
      settle()
      const names = received.spans.map(({ name }) => name).join(', ')
      const what = typeof wanted === 'number' ? `${wanted} spans` : 'the spans that were wanted'
      reject(
        new Error(
          `${what} have not come in ${timeoutMs} ms; here are: ${names}; faults: ${received.faults.join('; ')}`,
        ),
      )
    }, timeoutMs)
    waiting.add(look)
    look()
  })
}
