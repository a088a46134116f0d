import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const folders = (process.env.PATH ?? '').split(delimiter)

/** True when `promtool` (Debian package `prometheus`) is installed. */
export const hasPromtool: boolean = folders.some((folder) => existsSync(join(folder, 'promtool')))

/** Debian's Python, which sees Debian's packages whatever else is in the path. */
const python = '/usr/bin/python3'

/** True when the strict OpenMetrics parser (Debian package `python3-prometheus-client`) is installed. */
export const hasOpenMetricsParser: boolean =
  existsSync(python) && existsSync('/usr/lib/python3/dist-packages/prometheus_client/openmetrics/parser.py')

/** Complaints of `promtool check metrics` about classic text, one a line, lint included; none when it is content. */
export function promtoolComplaints(text: string): string[] {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' })
  const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => line !== '')
  return status === 0 ? [] : lines.length > 0 ? lines : [`promtool ended with ${status}`]
}

const parse = `
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
text = sys.stdin.buffer.read().decode('utf-8')
print(sum(len(family.samples) for family in text_string_to_metric_families(text)))
`

/** Number of samples that the strict OpenMetrics parser finds; throws with its words when it refuses the text. */
export function openMetricsSamples(text: string): number {
  const { status, stdout, stderr } = spawnSync(python, ['-c', parse], { input: text, encoding: 'utf8' })
  if (status !== 0) throw new Error(`not OpenMetrics: ${stderr.trim().split('\n').at(-1)}`)
  return Number(stdout)
}

/** One sample line of an exposition. */
export interface ExpositionSample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const sampleLine = /^([a-zA-Z_:][\w:]*)(?:\{(.*?)\})? (\S+)(?: # \{.*\} \S+(?: \S+)?)?$/
const labelPair = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)",?/gy

/** The samples of an exposition in either format, in their order; throws at a line that is none. */
export function samplesOf(text: string): ExpositionSample[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', labels = '', value = ''] = matchLine(line)
      return { name, labels: labelsOf(labels, line), value: Number(value.replace('Inf', 'Infinity')) }
    })
}

/** Label values may hold `} ` and ` # {`: the shortest match whose labels are well-formed is the right one. */
function matchLine(line: string): readonly string[] {
  const open = line.indexOf('{')
  if (open < 0 || line.slice(0, open).includes(' ')) return sampleLine.exec(line) ?? fail(line)
  labelPair.lastIndex = open + 1
  let end = open + 1
  while (labelPair.test(line)) end = labelPair.lastIndex
  const rest = sampleLine.exec(`x${line.slice(end + 1)}`)
  if (line[end] !== '}' || rest === null) return fail(line)
  return [line, line.slice(0, open), line.slice(open + 1, end), rest[3] ?? '']
}

function labelsOf(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {}
  for (const [, name = '', value = ''] of text.matchAll(new RegExp(labelPair.source, 'g'))) {
    if (name in labels) fail(`${line} (label ${name} twice)`)
    labels[name] = value
  }
  return labels
}

function fail(line: string): never {
  throw new Error(`not a sample: ${line}`)
}
