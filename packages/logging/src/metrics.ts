import type { Catalogue } from '@honoscope/core'
import type { Destination } from './destination.ts'
import { type LogLevel, logLevels } from './level.ts'

/** Registers what is told about the log itself, and returns what counts a written line. */
export function countLines(metrics: Catalogue | undefined, sink: Destination): (level: LogLevel) => void {
  if (metrics === undefined) return () => {}
  const lines = metrics.counter({
    name: 'log_lines_total',
    help: 'Log lines handed to the destination.',
    labels: { level: logLevels },
  })
  metrics.counter({
    name: 'log_lines_dropped_total',
    help: 'Log lines lost because the reader of the log was too slow or gone.',
    collect: (counter) => counter.set(sink.dropped ?? 0),
  })
  const series = new Map(logLevels.map((level) => [level, lines.series({ level })]))
  return (level) => series.get(level)?.inc()
}
