import { prometheusCatalogue, suiteCatalogue } from '../catalogues/index.ts'
import { min, sum, topk } from '../promql/aggregate.ts'
import { selectFrom } from '../promql/select.ts'
import { perSecond } from './expressions.ts'
import { chosen } from './series.ts'
import type { RowSpec } from './spec.ts'

const prometheus = selectFrom(prometheusCatalogue)
const suite = selectFrom(suiteCatalogue)

export const scrapes: RowSpec = {
  title: 'Scrapes',
  lines: [
    [
      {
        title: 'Targets that are up',
        description:
          '1 while Prometheus can scrape the target, else 0. 0 means: gone, too slow, or the key was refused.',
        unit: 'short',
        queries: [{ expr: min(prometheus('up', chosen), { by: ['job', 'instance'] }), legend: '{{job}} {{instance}}' }],
        limits: { critical: 1, below: true },
        max: 1,
      },
      {
        title: 'Duration of a scrape',
        description:
          'How long a scrape takes. Some ten milliseconds are normal; near the timeout (10 s) samples get lost.',
        unit: 's',
        queries: [{ expr: prometheus('scrape_duration_seconds', chosen), legend: '{{job}} {{instance}}' }],
        limits: { warning: 1, critical: 5 },
      },
      {
        title: 'Samples of a scrape',
        description: 'Samples that each target exposes. Level is normal; a climb is a label whose values do not end.',
        unit: 'short',
        queries: [{ expr: prometheus('scrape_samples_scraped', chosen), legend: '{{job}} {{instance}}' }],
        limits: { warning: 10_000 },
      },
    ],
  ],
}

const series = suite('honoscope_series', chosen)

export const seriesRow: RowSpec = {
  title: 'Series',
  lines: [
    [
      {
        title: 'Series of each process',
        description: 'Time series of the suite in each process. Above 10,000 MetricSeriesExplosion fires.',
        unit: 'short',
        queries: [{ expr: sum(series, { by: ['job', 'instance'] }), legend: '{{job}} {{instance}}' }],
        limits: { warning: 10_000 },
      },
      {
        title: 'Largest metrics',
        description: 'The ten metrics with the most series. The one at the top is where labels can be saved.',
        unit: 'short',
        queries: [{ expr: topk(10, sum(series, { by: ['job', 'metric'] })), legend: '{{metric}} of {{job}}' }],
      },
      {
        title: 'Label values that became "other"',
        description:
          'Values a second above what a label may have. No line is normal; else raise open(max), or find who invents values.',
        unit: 'ops',
        queries: [
          {
            expr: perSecond(suite('honoscope_label_overflow_total', chosen), ['metric', 'label']),
            legend: '{{metric}} {{label}}',
          },
        ],
        limits: { warning: 0.001 },
      },
    ],
  ],
}

export const losses: RowSpec = {
  title: 'Faults within',
  lines: [
    [
      {
        title: 'Hooks of instruments that failed',
        description:
          'Failures a second. No line is normal; else requests are unharmed, but what the instrument tells has gaps. Look for its message in the log.',
        unit: 'ops',
        queries: [
          {
            expr: perSecond(suite('honoscope_instrument_errors_total', chosen), ['instrument', 'hook']),
            legend: '{{instrument}} {{hook}}',
          },
        ],
        limits: { warning: 0.001 },
      },
      {
        title: 'Values that no metric could take',
        description:
          'Values a second that were no number, infinite or negative. No line is normal; else a caller computes wrongly.',
        unit: 'ops',
        queries: [
          { expr: perSecond(suite('honoscope_dropped_observations_total', chosen), ['metric']), legend: '{{metric}}' },
        ],
        limits: { warning: 0.001 },
      },
      {
        title: 'Collectors left out of a scrape',
        description:
          'Collectors a second that threw or did not end. No line is normal; else the metric is missing while it lasts.',
        unit: 'ops',
        queries: [
          { expr: perSecond(suite('honoscope_collector_errors_total', chosen), ['metric']), legend: '{{metric}}' },
        ],
        limits: { warning: 0.001 },
      },
    ],
  ],
}
