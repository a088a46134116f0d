import type { MetricCatalogue } from '../../catalogue/description.ts'
import { findSeries } from '../../catalogue/series.ts'
import {
  alertmanagerCatalogue,
  databaseCatalogue,
  httpCatalogue,
  kubernetesCatalogue,
  nodeCatalogue,
  postgresCatalogue,
  prometheusCatalogue,
  receiverCatalogue,
  redisCatalogue,
  runtimeCatalogue,
  suiteCatalogue,
} from '../../catalogues/index.ts'

/** Metrics that an endpoint exports together or not at all. */
export interface Kind {
  readonly name: string
  /** Exported by something else than a service of ours: never to be looked for at its endpoint. */
  readonly elsewhere: boolean
  has(series: string): boolean
}

const kind = (name: string, catalogue: MetricCatalogue, pattern = /^/, elsewhere = false): Kind => ({
  name,
  elsewhere,
  has: (series) => pattern.test(series) && findSeries(catalogue, series) !== undefined,
})
/** A service whose own prefix stands before the HTTP and database metrics, too. */
const named = (name: string, prefix: RegExp): Kind => ({ name, elsewhere: false, has: (series) => prefix.test(series) })
const exporter = (name: string, catalogue: MetricCatalogue): Kind => kind(name, catalogue, /^/, true)

/** What the client libraries of all languages tell of the process, by Prometheus's own list. */
const standardProcess =
  /^process_(cpu_seconds_total|open_fds|max_fds|(virtual|resident)_memory_(max_)?bytes|heap_bytes|start_time_seconds|threads)$/

/** All kinds that are known, the narrow ones first. */
export const kinds: readonly Kind[] = [
  exporter('kube-state-metrics and cAdvisor', kubernetesCatalogue),
  exporter('node_exporter', nodeCatalogue),
  exporter('postgres_exporter', postgresCatalogue),
  exporter('redis_exporter', redisCatalogue),
  exporter('Prometheus', prometheusCatalogue),
  exporter('Alertmanager', alertmanagerCatalogue),
  kind('the runtime Node', runtimeCatalogue, /^nodejs_/),
  kind('the runtime Bun', runtimeCatalogue, /^bun_/),
  // Before our own, which a service of another language exports none of.
  kind('every Prometheus client', runtimeCatalogue, standardProcess),
  kind('the process', runtimeCatalogue, /^process_/),
  kind('tracing', suiteCatalogue, /^(otel_|honoscope_tracing_)/),
  kind('health checks', suiteCatalogue, /^health_/),
  kind('the audit log', suiteCatalogue, /^honoscope_audit_/),
  kind('HTTP', httpCatalogue),
  kind('the database', databaseCatalogue),
  named('Chat2SQL', /^chat2sql_/),
  named('IaC', /^(iac_|honoscope_ai_)/),
  named('GenAI', /^(gen_ai_|honoscope_gen_ai_)/),
  kind('the alert receiver', receiverCatalogue),
  named('TokMesh', /^tokmesh_/),
  kind('the suite itself', suiteCatalogue),
]
