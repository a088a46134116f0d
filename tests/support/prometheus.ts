/** A Prometheus server of its own, with the relays through which it scrapes. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Served, serve } from '@honoscope/testing'
import { freePort } from '../../apps/tokmesh/src/acceptance/child.ts'

/** True when `prometheus` (Debian package `prometheus`) is installed. */
export const hasPrometheus: boolean = spawnSync('prometheus', ['--version']).status === 0

/** One sample of a query's answer. */
export interface Sample {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [number, string]
}

/** What a scrape through a relay asked for and got. */
export interface Scrape {
  readonly accept: string
  readonly contentType: string
}

/** A service between Prometheus and the one that it scrapes. */
export interface Relay extends Served {
  readonly scrapes: readonly Scrape[]
}

/** Passes scrapes on to the service, with another `Accept` if one is given, and notes what they get. */
export async function startRelay(to: string, accept?: string): Promise<Relay> {
  const scrapes: Scrape[] = []
  const served = await serve(async (request) => {
    const headers = {
      authorization: request.headers.get('authorization') ?? '',
      accept: accept ?? request.headers.get('accept') ?? '',
    }
    const answer = await fetch(`${to}${new URL(request.url).pathname}`, { headers })
    const contentType = answer.headers.get('content-type') ?? ''
    scrapes.push({ accept: headers.accept, contentType })
    return new Response(await answer.text(), { status: answer.status, headers: { 'content-type': contentType } })
  })
  return { ...served, scrapes }
}

/** A configuration with one job for each target; JSON is YAML. */
export function configuration(
  jobs: Readonly<Record<string, { readonly url: string; readonly keyFile: string }>>,
): string {
  const scrape_configs = Object.entries(jobs).map(([job_name, { url, keyFile }]) => ({
    job_name,
    authorization: { type: 'Bearer', credentials_file: keyFile },
    static_configs: [{ targets: [new URL(url).host] }],
  }))
  return JSON.stringify({ global: { scrape_interval: '1s', scrape_timeout: '1s' }, scrape_configs })
}

/** A running Prometheus. */
export interface Prometheus {
  readonly url: string
  /** Answer of its HTTP API to `path`. */
  ask<T>(path: string): Promise<T>
  /** The samples that a PromQL expression gives now. */
  query(expression: string): Promise<readonly Sample[]>
  /** Its own metrics. */
  metrics(): Promise<string>
  /** What it has logged: warnings and errors. */
  readonly log: () => string
  stop(): Promise<void>
}

/** Starts Prometheus on a free port, with its data in `folder`. A configuration may ask for its `host:port`. */
export async function startPrometheus(
  folder: string,
  config: string | ((address: string) => string),
): Promise<Prometheus> {
  const url = `http://127.0.0.1:${await freePort()}`
  const file = join(folder, 'prometheus.yml')
  await writeFile(file, typeof config === 'string' ? config : config(new URL(url).host))
  const flags = [`--config.file=${file}`, `--storage.tsdb.path=${join(folder, 'tsdb')}`]
  flags.push(`--web.listen-address=${new URL(url).host}`, '--log.level=warn', '--enable-feature=exemplar-storage')
  const child: ChildProcess = spawn('prometheus', flags, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  child.stderr?.on('data', (chunk) => {
    log += chunk
  })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const ask = async <T>(path: string): Promise<T> => {
    const answer = await fetch(`${url}/api/v1/${path}`)
    const { status, data, error } = (await answer.json()) as { status: string; data: T; error?: string }
    if (status !== 'success') throw new Error(`${path}: ${error}`)
    return data
  }
  return {
    url,
    ask,
    async query(expression) {
      return (await ask<{ result: Sample[] }>(`query?query=${encodeURIComponent(expression)}`)).result
    },
    metrics: async () => (await fetch(`${url}/metrics`)).text(),
    log: () => log,
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** Asks again until `good` holds, and returns the last answer; after 60 s whatever it is, for the assertion to show. */
export async function eventually<T>(ask: () => Promise<T>, good: (answer: T) => boolean): Promise<T> {
  const until = performance.now() + 60_000
  for (;;) {
    const answer = await ask().catch((error) => {
      if (performance.now() > until) throw error
      return undefined
    })
    if (answer !== undefined && (good(answer) || performance.now() > until)) return answer
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
}
