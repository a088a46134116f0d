/** What the tests of growth share: reading a scrape, and requests by the million. */
import { expositionFaults, samplesOf } from '@honoscope/testing'
import { expect } from 'vitest'

/** The series of a scrape, by name and labels. The kinds of handles that are open are the runtime's own affair. */
export function seriesOf(text: string): string[] {
  expect(expositionFaults(text)).toEqual([])
  return samplesOf(text)
    .filter(({ name }) => name !== 'nodejs_active_resources')
    .map(({ name, labels }) => `${name} ${JSON.stringify(labels)}`)
    .sort()
}

/** Sum of a family's samples whose labels are these. */
export function total(text: string, name: string, labels: Readonly<Record<string, string>> = {}): number {
  return samplesOf(text)
    .filter((sample) => sample.name === name)
    .filter((sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
    .reduce((sum, { value }) => sum + value, 0)
}

/**
 * A request as a server hands it over: `new Request()` takes Node 20 times as long as the app needs to answer, and turns
 * methods that Bun does not know into GET.
 */
export function request(method: string, path: string, headers: Readonly<Record<string, string>> = {}): Request {
  const fields = { method, url: `http://service${path}`, headers: new Headers(headers), body: null, signal: null }
  return Object.create(Request.prototype, Object.getOwnPropertyDescriptors(fields))
}
