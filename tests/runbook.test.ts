import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import {
  type AlertRule,
  checkExpression,
  combineCatalogues,
  type MetricCatalogue,
  toPrometheus,
} from '@honoscope/alerting'
import { type Bundle, bundles, service } from '@honoscope/alerting/bundles'
import * as catalogues from '@honoscope/alerting/catalogues'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'

const everything: readonly Bundle[] = [...Object.values(bundles), service({ name: 'shop' })]
const alerts = everything.flatMap(({ rules }) =>
  rules.groups.flatMap((group) => group.rules.filter((rule): rule is AlertRule => rule.kind === 'alert')),
)

/** The anchor that GitHub gives a heading: lower case, no punctuation, `-` for each space. */
const anchorOf = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-')

describe('docs/runbook.md', () => {
  let text = ''
  const entries = new Map<string, string>()
  beforeAll(async () => {
    text = await readFile(fileURLToPath(new URL('../docs/runbook.md', import.meta.url)), 'utf8')
    for (const part of text.split(/^(?=#{1,3} )/m)) {
      const [, name] = /^### (.*)$/m.exec(part) ?? []
      if (name === undefined) continue
      expect({ name, twice: entries.has(name) }).toEqual({ name, twice: false })
      entries.set(name, part)
    }
  })

  it('has an entry for each alert, and none without one', () => {
    const wanted = new Set(alerts.map((rule) => rule.runbook ?? rule.name))
    expect([...entries.keys()].sort()).toEqual([...wanted].sort())
  })

  it('tells in each what it means, what to look at and what to do', () => {
    for (const [name, entry] of entries) {
      const parts = [...entry.matchAll(/^\*\*(Means|Look|Do)\.\*\* (\S.*)$/gm)]
      expect({ name, parts: parts.map(([, part]) => part) }).toEqual({ name, parts: ['Means', 'Look', 'Do'] })
      for (const [, part, words = ''] of parts) {
        // "Look" may go on with a block of commands.
        expect({ name, part, says: words.length > 20 }).toEqual({ name, part, says: true })
      }
    }
  })

  it('has the anchors that alerts and its own links lead to', () => {
    const anchors = new Set([...text.matchAll(/^#{1,6} (.*)$/gm)].map(([, heading = '']) => anchorOf(heading)))
    const runbookUrl = 'https://example.com/runbook.md'
    const urls = everything.flatMap(({ rules }) => {
      const { groups } = parse(toPrometheus(rules, { runbookUrl }))
      // biome-ignore lint/suspicious/noExplicitAny: what the file has.
      return groups.flatMap((group: any) => group.rules.flatMap((rule: any) => rule.annotations?.runbook_url ?? []))
    })
    expect(urls).toHaveLength(alerts.length)
    const own = [...text.matchAll(/\]\(#([^)]*)\)/g)].map(([, anchor = '']) => anchor)
    expect(own.length).toBeGreaterThan(20)
    for (const anchor of [...urls.map((url) => new URL(url).hash.slice(1)), ...own]) {
      expect({ anchor, there: anchors.has(anchor) }).toEqual({ anchor, there: true })
    }
  })

  it('asks Prometheus only for what there is', () => {
    const catalogue = combineCatalogues(
      ...Object.values(catalogues).filter((one): one is MetricCatalogue & typeof one => typeof one === 'object'),
    ) as MetricCatalogue
    const recorded = new Map(
      everything.flatMap(({ rules }) =>
        rules.groups.flatMap((group) =>
          group.rules.flatMap((rule) =>
            rule.kind === 'record'
              ? [[rule.name, [...rule.expr.labels, ...Object.keys(rule.labels ?? {})]] as const]
              : [],
          ),
        ),
      ),
    )
    const iac = catalogues.prefixed('iac_', { ...catalogues.databaseCatalogue, ...catalogues.httpCatalogue })
    const queries = [...text.matchAll(/promtool query instant "\$PROM" '([^']*)'/g)].map(([, query = '']) => query)
    expect(queries.length).toBeGreaterThan(30)
    for (const query of queries) {
      const faults = checkExpression(query, { catalogue: { ...catalogue, ...iac }, recorded })
      expect({ query, faults }).toEqual({ query, faults: [] })
    }
  })
})
