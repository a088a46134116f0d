/** Lines of a running TokMesh go through the stages of `deploy/loki/config.alloy`, with their own expressions. */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { createLogger } from '@honoscope/logging'
import { serve } from '@honoscope/testing'
import { testDatabase } from '@honoscope/testing/postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { type Child, startChild } from '../apps/tokmesh/src/acceptance/child.ts'
import { adminKey, metricsKey } from '../apps/tokmesh/src/acceptance/support.ts'
import { type Block, Reference, readAlloy } from './support/alloy.ts'
import { type Entry, pipelineOf } from './support/log-pipeline.ts'
import type { LogLine } from './support/process.ts'

const file = (name: string) => readFile(fileURLToPath(new URL(`../deploy/loki/${name}`, import.meta.url)), 'utf8')
const blocks = readAlloy(await file('config.alloy'))
const loki = parse(await file('loki.yaml'))
const page = await file('README.md')

const component = (name: string): Block => {
  const found = blocks.find((block) => block.name === name)
  if (!found) throw new Error(`there is no ${name}`)
  return found
}
const process = component('loki.process')
const pipeline = pipelineOf(process)
const namesOf = (stage: string) =>
  process.blocks.filter(({ name }) => name === stage).flatMap(({ attributes }) => Object.keys(attributes.values ?? {}))
const labels = namesOf('stage.labels')
const metadata = namesOf('stage.structured_metadata')
/** When the lines were read: a time that none of them has. */
const readAt = 1

describe('the pipeline of deploy/loki, with the log of a running TokMesh', () => {
  let child: Child
  let lines: readonly LogLine[] = []
  let entries: readonly Entry[] = []
  const cleanUp: (() => Promise<unknown>)[] = []
  const find = (test: (line: LogLine) => boolean): { line: LogLine; entry: Entry } => {
    const i = lines.findIndex(test)
    const [line, entry] = [lines[i], entries[i]]
    if (!line || !entry) throw new Error('there is no such line')
    return { line, entry }
  }

  beforeAll(async () => {
    const collector = await serve(() => Response.json({}))
    cleanUp.push(collector.stop)
    const database = await testDatabase()
    child = await startChild({
      DATABASE_URL: database.url,
      TOKMESH_BOOTSTRAP_ADMIN_KEY: adminKey,
      TOKMESH_BOOTSTRAP_METRICS_KEY: metricsKey,
      TOKMESH_STORAGE_DATA_DIR: 'memory://',
      TOKMESH_SESSION_QUOTA_MAX_PER_USER: '1',
      TOKMESH_TELEMETRY_TRACING_ENABLED: 'true',
      TOKMESH_TELEMETRY_TRACING_ENDPOINT: collector.url,
      TOKMESH_TELEMETRY_TRACING_SAMPLING_RATIO: '1',
      TOKMESH_SERVER_SHUTDOWN_GRACE_PERIOD: '0s',
    })
    cleanUp.push(() => child.kill('SIGKILL'))
    await child.ready()
    const create = () => child.call('POST', '/sessions', { key: adminKey, body: { user_id: 'ada' } })
    const statuses = [(await create()).status, (await create()).status]
    // The database goes away: what is an error to the caller is one in the log.
    await database.drop()
    statuses.push((await create()).status)
    expect(statuses).toEqual([201, 429, 503])
    await child.kill('SIGTERM')
    const texts = child.stdout().trim().split('\n')
    lines = texts.map((text) => JSON.parse(text))
    entries = texts.map((text) => pipeline(text, readAt))
  })
  afterAll(async () => {
    for (const step of cleanUp.reverse()) await step()
  })

  it('gives each line its own time, and the labels level and logger, which are all', () => {
    expect(entries.length).toBeGreaterThan(5)
    entries.forEach((entry, i) => {
      const { timestamp, level, logger } = lines[i] as LogLine
      expect(new Date(entry.timestamp).toISOString()).toBe(timestamp)
      expect(entry.labels).toEqual({ level, logger })
      expect(JSON.parse(entry.line)).toEqual(lines[i])
    })
    expect([...new Set(entries.map(({ labels }) => labels.level))].sort()).toEqual(['ERROR', 'INFO', 'WARN'])
  })

  it('makes few streams, and no id among the labels', () => {
    const streams = new Set(entries.map(({ labels }) => JSON.stringify(labels)))
    expect(streams.size).toBeLessThan(20)
    const ids = lines.flatMap(({ request_id, trace_id, span_id, session_id, api_key_id }) =>
      [request_id, trace_id, span_id, session_id, api_key_id].filter((id) => id !== undefined),
    )
    expect(ids.length).toBeGreaterThan(5)
    for (const { labels } of entries)
      for (const value of Object.values(labels)) {
        expect(ids).not.toContain(value)
        expect(value).toMatch(/^[A-Z]+$|^tokmesh(\.[a-z]+)+$/)
      }
  })

  it.each([
    ['INFO', 'tokmesh.session', '201', 'OK'],
    ['WARN', 'tokmesh.http', '429', 'TM-SESS-4002'],
    ['ERROR', 'tokmesh.http', '503', 'TM-SYS-5030'],
  ])('takes a request of level %s apart', (level, logger, status, result) => {
    const { line, entry } = find((it) => it.level === level && it.route === '/sessions')
    expect(entry.labels).toEqual({ level, logger })
    expect(entry.metadata).toMatchObject({ method: 'POST', route: '/sessions', status, result })
    for (const id of ['request_id', 'trace_id', 'span_id']) expect(entry.metadata[id]).toBe(line[id])
    expect(entry.metadata.trace_id).toMatch(/^[0-9a-f]{32}$/)
    expect(entry.metadata.duration_ms).toBe(String(line.duration_ms))
    expect(Number(entry.metadata.duration_ms)).toBeGreaterThan(0)
  })

  it('gives a line without a trace no trace id, not even an empty one', () => {
    const { entry } = find(({ event }) => event === 'config_loaded')
    expect(entry.metadata).toEqual({ event: 'config_loaded' })
  })

  it('finds in these lines every field that it names', () => {
    const seen = new Set(entries.flatMap(({ labels, metadata }) => [...Object.keys(labels), ...Object.keys(metadata)]))
    expect([...labels, ...metadata].filter((name) => !seen.has(name))).toEqual([])
  })

  it('takes lines of the logging package apart too, whose errors are objects', async () => {
    const texts: string[] = []
    const logger = createLogger({ name: 'shop', destination: (line) => texts.push(line) })
    logger.error('failed', { error: new RangeError('too much'), route: '/orders/:id', status: 500 })
    logger.info('paid')
    const [failed, paid] = texts.map((text) => pipeline(text.trim(), readAt))
    expect(failed?.labels).toEqual({ level: 'ERROR', logger: 'shop' })
    expect(failed?.metadata).toEqual({ error_type: 'RangeError', route: '/orders/:id', status: '500' })
    expect(paid?.metadata).toEqual({})
  })

  it('passes on what is no line of ours, as it was and when it was read', () => {
    for (const line of ['Listening on port 80', '', '[1,2]', '"text"', '{"level":', 'null']) {
      expect(pipeline(line, readAt)).toEqual({ line, timestamp: readAt, labels: {}, metadata: {} })
    }
    const odd = pipeline('{"level":"INFO","timestamp":"yesterday"}', readAt)
    expect(odd).toMatchObject({ timestamp: readAt, labels: { level: 'INFO' } })
  })
})

describe('deploy/loki/config.alloy', () => {
  it('leads from the containers to Loki: each component names one that there is', () => {
    const exported = new Set(blocks.map(({ name, label }) => `${name}.${label}`))
    const referred: string[] = []
    const visit = (value: unknown): void => {
      if (value instanceof Reference) referred.push(value.path)
      else if (typeof value === 'object' && value !== null) Object.values(value).forEach(visit)
    }
    for (const { attributes } of blocks) visit(attributes)
    expect(referred.length).toBe(blocks.length - 1)
    for (const path of referred) expect(exported).toContain(path.replace(/\.[a-z]+$/, ''))
  })
})

describe('deploy/loki/loki.yaml', () => {
  it('takes structured metadata, and deletes what is older than it is to be kept', () => {
    const { limits_config: limits, compactor, schema_config: schema } = loki
    expect(limits.allow_structured_metadata).toBe(true)
    expect(schema.configs).toEqual([expect.objectContaining({ store: 'tsdb', schema: 'v13' })])
    expect(limits.retention_period).toMatch(/^\d+h$/)
    expect(Number.parseInt(limits.retention_period, 10) % 24).toBe(0)
    expect(compactor).toMatchObject({ retention_enabled: true, delete_request_store: 'filesystem' })
    for (const { selector } of limits.retention_stream)
      for (const [, name] of selector.matchAll(/(\w+)=/g)) expect(labels).toContain(name)
  })
})

describe('the queries of deploy/loki/README.md', () => {
  const queries = [...page.matchAll(/^```logql\n([\s\S]*?)^```/gm)].flatMap(([, block = '']) =>
    block.trim().split('\n'),
  )
  const sourceLabels = component('discovery.relabel').blocks.map(({ attributes }) => String(attributes.target_label))

  it('select streams by labels, and lines by what the pipeline keeps of them', () => {
    expect(queries.length).toBeGreaterThan(3)
    for (const query of queries) {
      const [selector = ''] = /\{[^}]*\}/.exec(query) ?? []
      const matched = [...selector.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, name]) => name)
      expect(matched.length).toBeGreaterThan(0)
      for (const name of matched) expect([...labels, ...sourceLabels]).toContain(name)
      const filtered = [...query.replace(selector, '').matchAll(/\| (\w+)\s*(?:=~|!~|!=|=|>=|<=|>|<)/g)]
      for (const [, name] of filtered) expect(metadata).toContain(name)
      const grouped = [...query.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, names = '']) => names.split(/,\s*/))
      for (const name of grouped) expect([...labels, ...sourceLabels, ...metadata]).toContain(name)
    }
  })
})
