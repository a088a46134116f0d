/** Escapes a label value: backslash, double quote and line feed. Both formats agree on that. */
export function escapeLabelValue(value: string): string {
  if (!/[\\"\n]/.test(value)) return value
  return value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')
}

/** Escapes the text of a `# HELP` line; the classic format leaves double quotes alone, OpenMetrics doesn't. */
export function escapeHelp(help: string, openMetrics: boolean): string {
  const escaped = help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n')
  return openMetrics ? escaped.replace(/"/g, '\\"') : escaped
}

/** A sample's value as both formats write it. */
export function formatValue(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  if (value === Number.NEGATIVE_INFINITY) return '-Inf'
  return `${value}`
}

/**
 * A number as it stands in the label `le` or `quantile`. The classic format takes JavaScript's own form (`1`);
 * OpenMetrics asks for canonical numbers (`1.0`, `1e+06`), so that all exposers write the same label.
 */
export function formatBound(value: number, openMetrics: boolean): string {
  if (!openMetrics || !Number.isFinite(value)) return formatValue(value)
  if (Math.abs(value) >= 1e6) {
    const [mantissa, exponent = ''] = value.toExponential().split('e')
    return `${mantissa}e+${exponent.slice(1).padStart(2, '0')}`
  }
  return Number.isInteger(value) ? `${value}.0` : `${value}`
}

/** Label pairs as `a="b",c="d"`, without braces; `''` for none. */
export function formatLabels(labels: Readonly<Record<string, unknown>>): string {
  let text = ''
  for (const name in labels) text += `${text && ','}${name}="${escapeLabelValue(String(labels[name]))}"`
  return text
}
