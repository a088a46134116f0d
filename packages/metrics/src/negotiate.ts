/** Classic text format, version 0.0.4. */
export const textContentType = 'text/plain; version=0.0.4; charset=utf-8'

/** OpenMetrics 1.0. */
export const openMetricsContentType = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

interface Range {
  readonly type: string
  readonly params: ReadonlyMap<string, string>
  /** 0 to 1. */
  readonly quality: number
}

/**
 * True when `Accept` ranks OpenMetrics 1.0 above the classic text; a range without wildcard that stands first wins a
 * tie. Classic text is what everybody else gets: no header, wildcards only, or nothing that we can write.
 */
export function prefersOpenMetrics(accept: string | undefined): boolean {
  if (!accept) return false
  const ranges = parse(accept)
  const openMetrics = best(ranges, 'application/openmetrics-text', '1.0.0')
  const text = best(ranges, 'text/plain', '0.0.4')
  if (openMetrics === undefined || openMetrics.quality === 0) return false
  if (text === undefined || openMetrics.quality > text.quality) return true
  return openMetrics.quality === text.quality && ranges.indexOf(openMetrics) < ranges.indexOf(text)
}

/** True when `Accept-Encoding` takes gzip. */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  const ranges = parse(acceptEncoding ?? '')
  const range =
    ranges.find(({ type }) => type === 'gzip' || type === 'x-gzip') ?? ranges.find(({ type }) => type === '*')
  return range !== undefined && range.quality > 0
}

/** The range of the highest quality that asks for this type in this version, or in any. */
function best(ranges: readonly Range[], type: string, version: string): Range | undefined {
  const fitting = ranges.filter((range) => range.type === type && (range.params.get('version') ?? version) === version)
  return fitting.toSorted((a, b) => b.quality - a.quality)[0]
}

function parse(header: string): Range[] {
  return header.split(',').map((part) => {
    const [type = '', ...rest] = part.split(';').map((piece) => piece.trim())
    const params = new Map(rest.map((param) => pair(param)))
    const quality = Number(params.get('q') ?? 1)
    return { type: type.toLowerCase(), params, quality: quality >= 0 && quality <= 1 ? quality : 0 }
  })
}

function pair(param: string): [string, string] {
  const at = param.indexOf('=')
  if (at < 0) return [param.toLowerCase(), '']
  return [
    param.slice(0, at).trim().toLowerCase(),
    param
      .slice(at + 1)
      .trim()
      .replace(/^"(.*)"$/, '$1'),
  ]
}
