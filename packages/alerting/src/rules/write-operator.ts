import type { RuleSet } from './define-rules.ts'
import { type RuleTextOptions, ruleFileGroups } from './rule-text.ts'
import { yamlText } from './write-prometheus.ts'

/** Options of {@link toPrometheusRule}. */
export interface PrometheusRuleOptions extends RuleTextOptions {
  /** Of the manifest: lower case letters, digits, `-` and `.`, at most 253 characters. */
  readonly name: string
  /** Default: the one that the manifest is applied to. */
  readonly namespace?: string
  /** Of the manifest; the operator's `ruleSelector` picks rules by them. Default: none. */
  readonly labels?: Readonly<Record<string, string>>
  /** Written above the manifest, as a comment. Default: none. */
  readonly comment?: string
}

const manifestName = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

/**
 * Returns a `PrometheusRule` of `monitoring.coreos.com/v1`, for Prometheus Operator, in YAML.
 *
 * @throws TypeError when `name` or `namespace` is one that Kubernetes refuses, and when `runbookUrl` is not an absolute
 * URL of http or https.
 * @example
 * ```ts
 * import { toPrometheusRule } from '@honoscope/alerting'
 * import { bundles } from '@honoscope/alerting/bundles'
 *
 * const manifest = bundles.tokmesh && toPrometheusRule(bundles.tokmesh.rules, {
 *   name: 'tokmesh',
 *   namespace: 'monitoring',
 *   labels: { release: 'prometheus' },
 * })
 * ```
 */
export function toPrometheusRule(
  ruleSet: RuleSet,
  { name, namespace, labels, comment, ...options }: PrometheusRuleOptions,
): string {
  for (const [option, value] of Object.entries({ name, namespace })) {
    if (value !== undefined && !manifestName.test(value)) {
      throw new TypeError(`toPrometheusRule: ${option} ${JSON.stringify(value)} is not a name that Kubernetes takes`)
    }
  }
  const manifest = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name, ...(namespace && { namespace }), ...(labels && { labels }) },
    spec: { groups: ruleFileGroups(ruleSet, options) },
  }
  return yamlText(manifest, comment)
}
