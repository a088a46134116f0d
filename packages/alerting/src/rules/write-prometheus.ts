import { stringify } from 'yaml'
import type { RuleSet } from './define-rules.ts'
import { type RuleFileGroup, type RuleTextOptions, ruleFileGroups } from './rule-text.ts'

/** Options of {@link toPrometheus}. */
export interface PrometheusFileOptions extends RuleTextOptions {
  /** Written above the groups, as a comment; what made the file, say. Default: none. */
  readonly comment?: string
}

/**
 * Returns a rule file for Prometheus's `rule_files`, in YAML.
 *
 * @throws TypeError when `runbookUrl` is not an absolute URL of http or https.
 * @example
 * ```ts
 * import { writeFile } from 'node:fs/promises'
 * import { toPrometheus } from '@honoscope/alerting'
 * import { bundles } from '@honoscope/alerting/bundles'
 *
 * for (const { name, rules } of Object.values(bundles)) {
 *   await writeFile(`${name}.yaml`, toPrometheus(rules, { runbookUrl: 'https://example.com/runbook.md' }))
 * }
 * ```
 */
export function toPrometheus(ruleSet: RuleSet, { comment, ...options }: PrometheusFileOptions = {}): string {
  return yamlText({ groups: ruleFileGroups(ruleSet, options) }, comment)
}

/** Returns YAML that a person reads: no line is broken or anchored, a text of many lines is a block. */
export function yamlText(content: YamlContent, comment: string | undefined): string {
  const text = stringify(content, { lineWidth: 0, aliasDuplicateObjects: false })
  return comment === undefined ? text : `${comment.replace(/^(?=.)/gm, '# ').replace(/^$/gm, '#')}\n${text}`
}

/** What is written: groups by themselves, or within a manifest. */
export type YamlContent = { readonly groups: readonly RuleFileGroup[] } | { readonly kind: string }
