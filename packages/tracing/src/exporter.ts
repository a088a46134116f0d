import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace'
import type { Settings } from './settings.ts'

/** Why spans did not arrive, as it stands in `error_type`. */
export type FailureReason = 'rejected' | 'timeout' | 'unreachable' | 'unavailable' | 'failed'

/** What became of one attempt to export. */
export type SendResult =
  | { readonly ok: true /** How many of the spans the receiver did not take. */; readonly rejected: number }
  | {
      readonly ok: false
      readonly reason: FailureReason
      /** Whether another attempt may do better. */
      readonly retry: boolean
      /** Milliseconds that the receiver asked to wait. */
      readonly retryAfterMs?: number | undefined
      /** For the log: no secret. */
      readonly detail: string
    }

/** Sends spans somewhere. */
export interface Sender {
  /** One attempt; it ends when `signal` is aborted. */
  send(spans: readonly ReadableSpan[], signal: AbortSignal): Promise<SendResult>
  /** Resolves when what it has taken is out, where it takes spans before it has sent them. */
  flush?(): Promise<void>
  /** Lets go of connections. */
  close(): Promise<void>
}

/** Returns what sends to where the settings say, `undefined` for nowhere. It loads what that takes, and no more. */
export async function createSender(
  settings: Settings,
  write: (line: string) => void,
  warn: (message: string) => void,
): Promise<Sender | undefined> {
  const { exporter } = settings
  if (typeof exporter === 'object') return ofExporter(exporter)
  if (exporter === 'none') return undefined
  if (exporter === 'console') return (await import('./exporter-console.ts')).createConsoleSender(write)
  return (await import('./exporter-otlp.ts')).createOtlpSender(settings.otlp, warn)
}

/** An exporter of the user's: it retries by itself, or not at all. */
function ofExporter(exporter: SpanExporter): Sender {
  return {
    send: (spans) =>
      new Promise((resolve) => {
        exporter.export([...spans], ({ code, error }) =>
          resolve(
            code === 0
              ? { ok: true, rejected: 0 }
              : { ok: false, reason: 'failed', retry: false, detail: error?.name ?? 'the exporter failed' },
          ),
        )
      }),
    flush: async () => exporter.forceFlush?.(),
    close: async () => exporter.shutdown(),
  }
}
