import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import { type DashboardLink, type Panel, RowBuilder, type RowPanel } from '@grafana/grafana-foundation-sdk/dashboard'
import { panelOf } from './panel.ts'
import type { PanelSpec, RowSpec } from './spec.ts'

/** Columns of Grafana's grid. */
const columns = 24
/** Heights in rows of the grid: 30 pixels each, and 8 between them. */
const heights = { stat: 4, timeseries: 9, heatmap: 9 } as const

/**
 * Returns the panels of the rows, each at its place: the lines of a row fill the grid from left to right.
 * The points of their lines have the links.
 *
 * @throws TypeError for a line that doesn't fill the grid.
 */
export function layOut(rows: readonly RowSpec[], links: Builder<DashboardLink>[]): (Panel | RowPanel)[] {
  const panels: (Panel | RowPanel)[] = []
  let y = 0
  for (const { title, lines } of rows) {
    if (lines.length === 0) continue
    const row = new RowBuilder(title)
      .id(panels.length + 1)
      .collapsed(false)
      .gridPos({ x: 0, y, w: columns, h: 1 })
    panels.push(row.build())
    y += 1
    for (const line of lines) {
      const h = Math.max(...line.map(({ kind = 'timeseries' }) => heights[kind]))
      let x = 0
      for (const [index, w] of widths(title, line).entries()) {
        const spec = line[index] as PanelSpec
        panels.push(panelOf(spec, panels.length + 1, { x, y, w, h }, links))
        x += w
      }
      y += h
    }
  }
  return panels
}

/** What isn't told is shared out evenly. */
function widths(row: string, line: readonly PanelSpec[]): readonly number[] {
  const told = line.reduce((sum, { width = 0 }) => sum + width, 0)
  const untold = line.filter(({ width }) => width === undefined).length
  const share = untold > 0 ? (columns - told) / untold : 0
  if (!Number.isInteger(share) || told + share * untold !== columns || (untold > 0 && share < 1)) {
    throw new TypeError(`row ${row}: a line of ${line.length} panels does not fill ${columns} columns`)
  }
  return line.map(({ width = share }) => width)
}
