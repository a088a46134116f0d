/** Returns what Grafana replaces by the value of its variable; `format` as in its documentation: `pipe`, `regex`. */
export const placeholder = (variable: string, format?: string): string =>
  `\${${format === undefined ? variable : `${variable}:${format}`}}`
