/** An Alertmanager of its own. */
import { spawn, spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../../../apps/tokmesh/src/acceptance/child.ts'

/** What Debian's package `prometheus-alertmanager` calls it. */
const program = 'prometheus-alertmanager'

/** True when it is installed. */
export const hasAlertmanager: boolean = spawnSync(program, ['--version']).status === 0

/** An alert as its API tells it. */
export interface ManagedAlert {
  readonly fingerprint: string
  readonly labels: Readonly<Record<string, string>>
  readonly status: { readonly state: 'active' | 'suppressed' | 'unprocessed'; readonly inhibitedBy: readonly string[] }
}

/** A running Alertmanager. */
export interface Alertmanager {
  readonly url: string
  /** The alerts that it knows. */
  alerts(): Promise<readonly ManagedAlert[]>
  /** What it has logged: warnings and errors. */
  readonly log: () => string
  stop(): Promise<void>
}

/** Starts it on a free port, alone, with its data in `folder`. Rejects with what it wrote when it ends instead. */
export async function startAlertmanager(folder: string, config: string): Promise<Alertmanager> {
  const url = `http://127.0.0.1:${await freePort()}`
  const file = join(folder, 'alertmanager.yml')
  await writeFile(file, config)
  const flags = [`--config.file=${file}`, `--storage.path=${join(folder, 'alertmanager')}`, '--log.level=warn']
  // An empty address: no cluster, and no port for one.
  flags.push(`--web.listen-address=${new URL(url).host}`, '--cluster.listen-address=')
  const child = spawn(program, flags, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  let [log, ended] = ['', false]
  child.stderr.on('data', (chunk) => {
    log += chunk
  })
  const end = new Promise<void>((resolve) => child.once('close', () => resolve()))
  void end.then(() => {
    ended = true
  })
  while (!(await fetch(`${url}/-/ready`).catch(() => undefined))?.ok) {
    if (ended) throw new Error(`Alertmanager ended: ${log}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return {
    url,
    alerts: async () => (await (await fetch(`${url}/api/v2/alerts`)).json()) as ManagedAlert[],
    log: () => log,
    async stop() {
      child.kill('SIGTERM')
      await end
    },
  }
}
