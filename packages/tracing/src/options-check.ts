import {
  compressions,
  exporterNames,
  protocols,
  type SamplingRule,
  samplerNames,
  type TracingOptions,
} from './options.ts'

/** Longest delay that `setTimeout` keeps; a longer one fires at once. */
export const maxDelayMs: number = 2 ** 31 - 1

/** Throws a `TypeError` that names the first wrong option. */
export function checkOptions(options: TracingOptions): void {
  const { otlp = {}, batch = {}, keep = {} } = options
  typed('enabled', options.enabled, 'boolean')
  typed('serviceName', options.serviceName, 'string')
  typed('keep.errors', keep.errors, 'boolean')
  for (const name of ['log', 'write', 'onDetachedError'] as const) typed(name, options[name], 'function')
  oneOf('sampler', options.sampler, samplerNames)
  if (typeof options.exporter !== 'object') oneOf('exporter', options.exporter, exporterNames)
  else for (const name of ['export', 'shutdown'] as const) typed(`exporter.${name}`, options.exporter[name], 'function')
  for (const name of options.propagators ?? []) oneOf('propagators', name, ['tracecontext', 'baggage'])
  oneOf('otlp.compression', otlp.compression, compressions)
  oneOf('otlp.protocol', otlp.protocol, protocols)
  number('samplingRatio', options.samplingRatio, 0, 1)
  number('otlp.timeoutMs', otlp.timeoutMs, 1, maxDelayMs)
  number('keep.slowerThanMs', keep.slowerThanMs, Number.MIN_VALUE, Number.MAX_VALUE)
  whole('keep.maxTraces', keep.maxTraces, 1)
  whole('keep.maxSpansPerTrace', keep.maxSpansPerTrace, 1)
  whole('batch.maxQueueSize', batch.maxQueueSize, 1)
  whole('batch.maxExportBatchSize', batch.maxExportBatchSize, 1)
  number('batch.scheduleDelayMs', batch.scheduleDelayMs, 0, maxDelayMs)
  number('batch.exportTimeoutMs', batch.exportTimeoutMs, 1, maxDelayMs)
  for (const [name, limit] of Object.entries(options.limits ?? {})) {
    if (limit !== Number.POSITIVE_INFINITY) whole(`limits.${name}`, limit, 0)
  }
  options.samplingRules?.forEach(checkRule)
  if (options.provider !== undefined && typeof options.provider?.getTracer !== 'function') {
    throw new TypeError('tracing: provider must have a getTracer function')
  }
}

function checkRule(rule: SamplingRule, index: number): void {
  const at = `samplingRules[${index}]`
  if (typeof rule.route !== 'string' || !/^\/[^*]*\*?$|^\*$|^unmatched$/.test(rule.route)) {
    throw new TypeError(`tracing: ${at}.route must be a template, with a star at its end if any, got ${rule.route}`)
  }
  if (rule.sample === 'always' || rule.sample === 'never') return
  if (rule.sample === undefined) throw new TypeError(`tracing: ${at}.sample must be always, never or a ratio`)
  number(`${at}.sample`, rule.sample, 0, 1)
}

function typed(name: string, value: unknown, type: 'boolean' | 'string' | 'function'): void {
  if (value === undefined ? name.startsWith('exporter.') : typeof value !== type) {
    throw new TypeError(`tracing: ${name} must be a ${type}, got a ${typeof value}`)
  }
}

function oneOf(name: string, value: string | undefined, values: readonly string[]): void {
  if (value === undefined || values.includes(value)) return
  throw new TypeError(`tracing: ${name} must be one of ${values.join(', ')}, got ${String(value)}`)
}

function number(name: string, value: number | undefined, min: number, max: number): void {
  if (value === undefined || (typeof value === 'number' && value >= min && value <= max)) return
  throw new TypeError(`tracing: ${name} must be a number from ${min} to ${max}, got ${String(value)}`)
}

function whole(name: string, value: number | undefined, min: number): void {
  if (value === undefined || (Number.isSafeInteger(value) && value >= min)) return
  throw new TypeError(`tracing: ${name} must be a whole number from ${min}, got ${String(value)}`)
}
