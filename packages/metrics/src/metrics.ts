import { type Catalogue, type Instrument, observe } from '@honoscope/core'
import type { Handler, MiddlewareHandler } from 'hono'
import { createCatalogue } from './catalogue.ts'
import { describeMetrics, type MetricDescription } from './describe.ts'
import { createHandler } from './handler.ts'
import { createHttp } from './http.ts'
import type { HttpOptions } from './http-options.ts'
import { checkOptions, type MetricsOptions } from './options.ts'
import { createRegistry, type Registry } from './registry.ts'
import { registerRuntime } from './runtime.ts'
import { createScrape } from './scrape.ts'
import { createSelfMetrics } from './self.ts'

/** A catalogue of metrics, the instrument that records HTTP requests into it, and the handler that shows it. */
export interface Metrics extends Catalogue {
  readonly prefix: string
  /** prom-client's registry: hand it to metrics of your own as `registers: [metrics.registry]`. */
  readonly registry: Registry
  /**
   * Returns the instrument for `observe()`. Called again without options it returns the same one.
   *
   * @throws TypeError when its metrics exist already or an option is wrong.
   */
  http(options?: HttpOptions): Instrument
  /** `observe(metrics.http())`, for an app that needs just this. */
  readonly middleware: MiddlewareHandler
  /** Serves `GET` and `HEAD` of `/metrics`: classic text or OpenMetrics as `Accept` asks, gzip when asked. */
  readonly handler: Handler
  /** Returns the whole exposition as a string. Default format: classic text. */
  render(options?: { readonly openMetrics?: boolean }): Promise<string>
  /** Returns what there is to scrape, by name: what rules and dashboards may name. The user's own metrics are in it. */
  describe(): Readonly<Record<string, MetricDescription>>
  /** Stops the timers and observers of the runtime metrics. The rest keeps working. */
  close(): void
}

/**
 * Returns a catalogue of metrics with a registry of its own.
 *
 * @throws TypeError for a wrong option, or when the registry holds another catalogue already.
 * @example
 * ```ts
 * import { createMetrics } from '@honoscope/metrics'
 * import { Hono } from 'hono'
 *
 * const metrics = createMetrics({ prefix: 'shop_' })
 * const orders = metrics.counter({ name: 'orders_total', help: 'Orders.', labels: { kind: ['new', 'repeat'] } })
 *
 * const app = new Hono()
 * app.use(metrics.middleware)
 * app.get('/metrics', metrics.handler)
 * app.post('/orders', (c) => {
 *   orders.inc({ kind: 'new' })
 *   return c.text('thanks', 201)
 * })
 * ```
 */
export function createMetrics(options: MetricsOptions = {}): Metrics {
  const checked = checkOptions(options)
  const registry = options.registry ?? createRegistry()
  const self = createSelfMetrics()
  const catalogue = createCatalogue(registry, self, checked)
  const close = checked.runtime ? registerRuntime(catalogue) : () => {}
  const scrape = createScrape(registry, self, checked.collectTimeoutMs)

  const makeHttp = (options: HttpOptions): Instrument =>
    createHttp(catalogue, options, ({ instrument, hook }) => self.instrumentFailed(instrument, hook))
  let defaultHttp: Instrument | undefined
  const http = (options?: HttpOptions): Instrument => {
    if (options !== undefined) return makeHttp(options)
    defaultHttp ??= makeHttp({})
    return defaultHttp
  }
  let middleware: MiddlewareHandler | undefined

  return {
    ...catalogue,
    prefix: checked.prefix,
    registry,
    http,
    get middleware() {
      middleware ??= observe(http())
      return middleware
    },
    handler: createHandler(scrape),
    async render({ openMetrics = false } = {}) {
      const decoder = new TextDecoder()
      let text = ''
      for await (const slice of scrape(openMetrics)) text += decoder.decode(slice)
      return text
    },
    describe: () => describeMetrics(registry),
    close,
  }
}
