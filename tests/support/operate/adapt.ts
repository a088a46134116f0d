/** The configurations of `deploy/`, with nothing changed but addresses and the files of keys. */
import { parse, stringify } from 'yaml'

// biome-ignore lint/suspicious/noExplicitAny: a document of somebody else's format.
type Document = any

/** What of `prometheus.yml` is different here. */
export interface PrometheusAddresses {
  /** `host:port` by job. A job that is not named has no target. */
  readonly targets: Readonly<Record<string, readonly string[]>>
  /** Keys by job, in files. */
  readonly keyFiles: Readonly<Record<string, string>>
  /** Files of rules; globs are allowed. */
  readonly rules: string
  /** `host:port` of Alertmanager. */
  readonly alertmanager: string
}

/** Returns the configuration with these addresses. Throws for a job that it doesn't have. */
export function adaptPrometheus(document: string, addresses: PrometheusAddresses): string {
  const config: Document = parse(document)
  const jobs = config.scrape_configs.map((job: Document) => job.job_name)
  for (const name of Object.keys(addresses.targets))
    if (!jobs.includes(name)) throw new Error(`there is no job ${name}`)
  for (const job of config.scrape_configs) {
    const [found] = job.static_configs ?? [{}]
    for (const key of Object.keys(job)) if (key.endsWith('_sd_configs')) delete job[key]
    job.static_configs = [{ ...found, targets: addresses.targets[job.job_name] ?? [] }]
    const keyFile = addresses.keyFiles[job.job_name]
    if (keyFile !== undefined) job.authorization.credentials_file = keyFile
    else delete job.authorization
    // What is scraped over TLS in earnest is not here.
    delete job.tls_config
    delete job.scheme
  }
  config.rule_files = [addresses.rules]
  for (const manager of config.alerting.alertmanagers) {
    for (const key of Object.keys(manager)) if (key.endsWith('_sd_configs')) delete manager[key]
    manager.static_configs = [{ targets: [addresses.alertmanager] }]
  }
  return stringify(config)
}

/** Returns Alertmanager's configuration with every webhook at the receiver, its token in a file, and no mail server. */
export function adaptAlertmanager(document: string, receiver: string, tokenFile: string): string {
  const config: Document = parse(document)
  // Mail is for alerts about alerting alone; there is nobody to take it here.
  config.global.smtp_smarthost = '127.0.0.1:9'
  for (const { webhook_configs = [] } of config.receivers) {
    for (const webhook of webhook_configs) {
      webhook.url = `${receiver}${new URL(webhook.url).pathname}`
      webhook.http_config.authorization.credentials_file = tokenFile
    }
  }
  return stringify(config)
}
