import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common'
import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  type VariableModel,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard'
import type { Selector } from '../promql/expression.ts'
import { placeholder } from './placeholder.ts'

/** The Prometheus that the reader has chosen. */
export const metricsSource: DataSourceRef = { type: 'prometheus', uid: placeholder('datasource') }

const source = (name: string, label: string, type: string, description: string): VariableModel =>
  new DatasourceVariableBuilder(name).label(label).description(description).type(type).build()

/** Returns the variables that choose where metrics, traces and logs are looked up. */
export const sourceVariables = (): VariableModel[] => [
  source('datasource', 'Metrics', 'prometheus', 'The Prometheus that scrapes the services.'),
  source('traces', 'Traces', 'tempo', 'Where the link to the trace leads.'),
  source('logs', 'Logs', 'loki', 'Where the links to the logs lead.'),
]

/** Returns the variable into which the reader puts the id that a response's `X-Trace-Id` told. */
export const traceVariable = (): VariableModel =>
  new TextBoxVariableBuilder('trace_id')
    .label('Trace id')
    .description(
      'The links "Trace" and "Logs" at the top show this one; without it the logs of all requests are shown.',
    )
    .defaultValue('')
    .build()

/**
 * Returns a variable with the values that a label of the series has; several may be chosen, and all are at first.
 *
 * @throws TypeError when the series has no such label.
 */
export function labelVariable<L extends string>(label: string, series: Selector<L>, of: L): VariableModel {
  if (!series.labels.includes(of)) throw new TypeError(`variable ${label}: ${series.text} has no label ${of}`)
  const query = `label_values(${series.text}, ${of})`
  return (
    new QueryVariableBuilder(of)
      .label(label)
      .datasource(metricsSource)
      .definition(query)
      // As Grafana's own editor saves it; 1 stands for label_values.
      .query({ qryType: 1, query, refId: 'PrometheusVariableQueryEditor-VariableQuery' })
      .refresh(VariableRefresh.OnTimeRangeChanged)
      .sort(VariableSort.NaturalAsc)
      .multi(true)
      .includeAll(true)
      // Loki refuses a query all of whose matchers are true of nothing.
      .allValue('.+')
      .current({ selected: true, text: ['All'], value: ['$__all'] })
      .build()
  )
}
