import { type AnnotationQuery, AnnotationQueryBuilder } from '@grafana/grafana-foundation-sdk/dashboard'
import { prometheusCatalogue } from '../catalogues/index.ts'
import { matching, selectFrom } from '../promql/select.ts'
import { metricsSource } from './variables.ts'

const metric = selectFrom(prometheusCatalogue)
const colors = { critical: 'red', warning: 'orange' } as const

/** Returns what marks the times at which alerts of these components fired. */
export function alertAnnotations(components: readonly string[]): AnnotationQuery[] {
  const component = matching(components.join('|'))
  return (['critical', 'warning'] as const).map((severity) =>
    new AnnotationQueryBuilder()
      .name(`Firing: ${severity}`)
      .datasource(metricsSource)
      .enable(true)
      .iconColor(colors[severity])
      .expr(metric('ALERTS', { alertstate: 'firing', severity, component }).text)
      .step('30s')
      .titleFormat('{{alertname}}')
      .textFormat('{{component}} {{job}} {{instance}}')
      .tagKeys('severity,component')
      .useValueForTime(false)
      .build(),
  )
}
