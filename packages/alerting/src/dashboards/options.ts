/** What all dashboards can be told. */
export interface DashboardOptions {
  /**
   * Where the runbook is; the dashboard links to it. An absolute URL of http or https, or a `TypeError`.
   * Default: no link.
   */
  readonly runbookUrl?: string
  /**
   * The label of Loki's streams whose value is the name of the job, for the links to logs. What is no name of a label
   * throws a `TypeError`. Default: `app`, as deploy/loki has it.
   */
  readonly logsLabel?: string
}

/** Options of the dashboards about metrics whose names begin with the service's prefix. */
export interface PrefixedDashboardOptions extends DashboardOptions {
  /**
   * What the service gave `createMetrics()` as its prefix: `shop_`. Default: none. What can't begin the name of a metric,
   * or has more than 20 characters, throws a `TypeError`: a `uid` has room for 40. It becomes a part of `uid` and title,
   * so that dashboards of several services stand side by side.
   */
  readonly prefix?: string
}

/** @throws TypeError that names the option. */
export function checkOptions({ prefix = '', runbookUrl, logsLabel = 'app' }: PrefixedDashboardOptions): void {
  if (!/^([a-zA-Z_][a-zA-Z0-9_]{0,19})?$/.test(prefix)) {
    throw new TypeError(`dashboard: prefix ${JSON.stringify(prefix)} is not of at most 20 letters, digits and _`)
  }
  if (runbookUrl !== undefined && !(URL.canParse(runbookUrl) && /^https?:$/.test(new URL(runbookUrl).protocol))) {
    throw new TypeError(`dashboard: runbookUrl must be an absolute URL of http or https, not ${runbookUrl}`)
  }
  checkName('logsLabel', logsLabel)
}

/** @throws TypeError for what can be no name of a label or metric; it names the option. */
export function checkName(option: string, name: string): void {
  if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) {
    throw new TypeError(`dashboard: ${option} ${JSON.stringify(name)} is not a name of Prometheus's`)
  }
}

/** Returns `uid` and title of a dashboard for the service with this prefix. */
export function namedFor(prefix: string, uid: string, title: string): { readonly uid: string; readonly title: string } {
  const service = prefix.replace(/_+$/, '')
  return service ? { uid: `${uid}-${service}`, title: `${title}: ${service}` } : { uid, title }
}
