import { readFileSync } from 'node:fs'
import { samplesOf } from '@honoscope/testing'

/** A metric as the catalogue's tables tell it. */
export interface CatalogueRow {
  readonly name: string
  readonly type: string
  readonly labels: readonly string[]
  /** `undefined` for what is no histogram. */
  readonly buckets: readonly number[] | undefined
}

const text = readFileSync(new URL('metrics-catalogue.md', import.meta.url), 'utf8')

/** Every metric of the tables in sections 1 and 2, those of the twelve functions included. */
export function catalogueRows(): CatalogueRow[] {
  const rows: CatalogueRow[] = []
  let section: 'metrics' | 'functions' | undefined
  for (const line of text.split('\n')) {
    const cells = line.startsWith('|')
      ? line
          .slice(1)
          .split('|')
          .map((cell) => cell.trim())
      : []
    if (cells[0] === 'metric') section = 'metrics'
    else if (cells[0] === 'function') section = 'functions'
    else if (cells.length === 0) section = undefined
    else if (section === 'metrics' && cells[0]?.startsWith('`')) rows.push(...metricRows(cells, rows))
    else if (section === 'functions' && /^`\w+` (histogram|counter|gauge)$/.test(cells[1] ?? ''))
      rows.push(functionRow(cells))
  }
  return rows
}

/** One row, or several where the first cell names several: `iac_db_connections_open`, `_max`. */
function metricRows(
  [names = '', type = '', labels = '', buckets = '']: readonly string[],
  before: readonly CatalogueRow[],
) {
  const [first = '', ...suffixes] = [...names.matchAll(/`(\w+)`/g)].map(([, name]) => name ?? '')
  const all = [first, ...suffixes.map((suffix) => first.replace(/_[a-z]+$/, suffix))]
  return all.map((name) => ({
    name,
    type,
    labels: labelsOf(labels),
    buckets: type === 'histogram' ? bucketsOf(buckets, before) : undefined,
  }))
}

function functionRow([, metric = '', labels = '']: readonly string[]): CatalogueRow {
  const [, name = '', type = ''] = /^`(\w+)` (\w+)$/.exec(metric) ?? []
  const all = /Histogram buckets, all of them: ([\d ]+)\./.exec(text)?.[1] ?? ''
  return { name, type, labels: labelsOf(labels), buckets: type === 'histogram' ? numbers(all) : undefined }
}

/** Label names; what is said of their values is left out: `need_cmdb (…)`, `status = …; found: …`. */
function labelsOf(cell: string): string[] {
  const names = cell.replace(/`[^`]*`|\([^)]*\)/g, '').split(/[,;]/)
  return names.filter((name) => !name.includes(':')).flatMap((name) => /[a-z_]+/.exec(name)?.[0] ?? [])
}

function bucketsOf(cell: string, before: readonly CatalogueRow[]): readonly number[] {
  if (cell === 'the same') return before.at(-1)?.buckets ?? []
  if (cell === 'as HTTP') return before.find(({ name }) => name === 'iac_http_request_duration_seconds')?.buckets ?? []
  if (cell === 'powers of 4 from 64 to 16 MiB') return Array.from({ length: 10 }, (_, i) => 64 * 4 ** i)
  return numbers(cell)
}

const numbers = (text: string): number[] => text.split(' ').map(Number)

/** The families of an exposition that begin with `prefix`, in the form of the catalogue's rows; labels from their samples. */
export function exposedRows(exposition: string, prefix: string): CatalogueRow[] {
  const samples = samplesOf(exposition)
  const types = [...exposition.matchAll(/^# TYPE (\S+) (\S+)$/gm)]
  return types
    .filter(([, name]) => name?.startsWith(prefix))
    .map(([, name = '', type = '']) => {
      const own = samples.filter((sample) => sample.name === (type === 'histogram' ? `${name}_bucket` : name))
      const labels = Object.keys(own[0]?.labels ?? {}).filter((label) => label !== 'le')
      const bounds = new Set(own.map((sample) => sample.labels.le ?? '').filter((bound) => bound !== '+Inf'))
      return { name, type, labels, buckets: type === 'histogram' ? [...bounds].map(Number) : undefined }
    })
}

/** The same with the labels in alphabetical order: theirs is no part of the promise. */
export function comparable(rows: readonly CatalogueRow[]): Record<string, Omit<CatalogueRow, 'name'>> {
  const sorted = [...rows].sort((a, b) => (a.name < b.name ? -1 : 1))
  return Object.fromEntries(sorted.map(({ name, labels, ...row }) => [name, { ...row, labels: [...labels].sort() }]))
}
