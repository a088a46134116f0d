/** Whether `deploy/compose` is valid, and whether what it names is there. */
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { keyList, variableOf } from '../apps/tokmesh/src/config/keys.ts'
import { readConfig } from '../apps/tokmesh/src/config.ts'
import { readStages } from './support/dockerfile.ts'

const folder = fileURLToPath(new URL('../deploy/compose', import.meta.url))
const read = (path: string) => readFileSync(join(folder, path), 'utf8')
const compose = parse(read('compose.yaml'), { merge: true })

/** A service, as far as the tests look into it. */
interface Service {
  readonly image: string
  readonly build?: { readonly context: string; readonly target: string }
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly secrets?: readonly (string | { readonly source: string; readonly target: string })[]
  readonly environment?: Readonly<Record<string, string>>
  readonly healthcheck?: object
  readonly restart?: string
  readonly depends_on?: readonly string[] | Readonly<Record<string, object>>
}
const services = Object.entries(compose.services as Readonly<Record<string, Service>>)
const tokmeshes = services.filter(([name]) => name.startsWith('tokmesh-'))
const sourceOf = (secret: string | { readonly source: string }) => (typeof secret === 'string' ? secret : secret.source)

const hasCompose = spawnSync('docker-compose', ['--version']).status === 0

describe.skipIf(!hasCompose)(`docker-compose${hasCompose ? '' : ' (skipped: it is not installed)'}`, () => {
  it('takes the file, and says nothing of it', () => {
    const { status, stdout, stderr } = spawnSync('docker-compose', ['-f', join(folder, 'compose.yaml'), 'config'], {
      encoding: 'utf8',
    })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(Object.keys(parse(stdout).services).sort()).toEqual(services.map(([name]) => name).sort())
  })
})

describe('deploy/compose/compose.yaml', () => {
  it('has the parts that belong to it', () => {
    const images = services.map(([, { image }]) => image.replace(/:.*/, '')).sort()
    const count = (image: string) => images.filter((it) => it === image).length
    expect(count('prom/alertmanager')).toBe(3)
    expect(count('tokmesh')).toBe(3)
    for (const image of [
      'prom/prometheus',
      'grafana/grafana',
      'grafana/tempo',
      'grafana/loki',
      'grafana/alloy',
      'postgres',
    ])
      expect(count(image)).toBe(1)
  })

  it('names each image by a version, and builds ours from stages of the Dockerfile', () => {
    const stages = readStages(readFileSync(join(folder, '../../Dockerfile'), 'utf8')).map(({ name }) => name)
    for (const [name, { image, build }] of services) {
      expect({ name, image }).toEqual({ name, image: expect.stringMatching(/:v?\d+\.\d+(\.\d+)?(-[a-z]+)?$/) })
      if (build) expect(stages).toContain(build.target)
    }
  })

  it('opens ports to this machine alone, no two the same, and starts everything again', () => {
    const ports = services.flatMap(([, service]) => service.ports ?? [])
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/)
    expect(new Set(ports.map((port) => port.split(':')[1])).size).toBe(ports.length)
    for (const [name, { restart }] of services) expect({ name, restart }).toEqual({ name, restart: 'unless-stopped' })
  })

  it('mounts files that are there, read-only, and volumes that are declared and used', () => {
    const mounts = services.flatMap(([, service]) => service.volumes ?? []).map((mount) => mount.split(':'))
    const named = mounts.filter(([from = '']) => !/^[./]/.test(from)).map(([from]) => from)
    expect([...new Set(named)].sort()).toEqual(Object.keys(compose.volumes).sort())
    for (const [from = '', , mode] of mounts.filter(([from = '']) => /^[./]/.test(from))) {
      expect({ from, mode }).toEqual({ from, mode: 'ro' })
      if (from.startsWith('.')) expect({ from, exists: existsSync(join(folder, from)) }).toEqual({ from, exists: true })
    }
  })

  it('has no secret in an environment, and a health check wherever the image can do one', () => {
    const withSecret = services.filter(([, service]) => service.secrets)
    expect(withSecret.length).toBeGreaterThan(7)
    for (const [name, { environment = {} }] of services)
      for (const [variable, text] of Object.entries(environment)) {
        if (/PASS|TOKEN|SECRET|_KEY|DATABASE_URL/.test(variable))
          expect({ name, variable, text }).toEqual({
            name,
            variable,
            text: expect.stringMatching(/^\/run\/secrets\/[a-z-]+$/),
          })
      }
    const without = services.filter(([, { healthcheck }]) => !healthcheck).map(([name]) => name)
    expect(without.sort()).toEqual(['alloy', 'loki', 'postgres-exporter', 'tempo', 'told'])
  })

  it('sets variables that TokMesh knows, and gives each node an id and an address of its own', () => {
    const known = new Map(keyList.map(([, key]) => [variableOf(key.path), key]))
    for (const [name, { environment = {} }] of tokmeshes) {
      for (const [variable, text] of Object.entries(environment)) {
        const key = known.get(variable)
        const value = key?.parse(text)
        expect({ variable, taken: value !== undefined && key?.check(value) === undefined }).toEqual({
          variable,
          taken: true,
        })
      }
      expect(environment.TOKMESH_CLUSTER_ADVERTISE_ADDRESS).toBe(`${name}:5080`)
    }
    expect(new Set(tokmeshes.map(([, { environment }]) => environment?.TOKMESH_CLUSTER_NODE_ID)).size).toBe(3)
  })
})

describe('Prometheus and Alertmanager of deploy/compose', () => {
  it('scrape services that there are, by jobs of deploy/prometheus', () => {
    const jobs = parse(read('../prometheus/prometheus.yml')).scrape_configs.map(
      ({ job_name }: { job_name: string }) => job_name,
    )
    const names = services.map(([name]) => name)
    for (const file of readdirSync(join(folder, 'targets'))) {
      expect(jobs).toContain(file.replace('.yaml', ''))
      for (const { targets } of parse(read(`targets/${file}`)))
        for (const target of targets) expect(names).toContain(target.split(':')[0])
    }
  })

  it('tell whom deploy/alertmanager tells, with the addresses of here and without its mail', () => {
    const original = parse(read('../alertmanager/alertmanager.yml'))
    for (const name of Object.keys(original.global)) if (name.startsWith('smtp_')) delete original.global[name]
    for (const receiver of original.receivers) {
      delete receiver.email_configs
      for (const webhook of receiver.webhook_configs) webhook.url = 'http://alert-receiver:5090/alerts'
    }
    expect(parse(read('alertmanager.yml'))).toEqual(original)
  })
})

describe('deploy/compose/secrets.sh', () => {
  const copy = mkdtempSync(join(tmpdir(), 'honoscope-secrets-'))
  cpSync(join(folder, 'secrets.sh'), join(copy, 'secrets.sh'))
  afterAll(() => rmSync(copy, { recursive: true, force: true }))
  const secret = (name: string) => readFileSync(join(copy, 'secrets', name), 'utf8')
  const run = () => execFileSync('sh', [join(copy, 'secrets.sh')], { encoding: 'utf8' })

  it('makes each secret that the file names, in a folder that only its owner enters', () => {
    expect(run()).toBe('')
    const named = Object.entries(compose.secrets as Readonly<Record<string, { file: string }>>)
    for (const [name, { file }] of named) expect(file).toBe(`./secrets/${name}`)
    expect(readdirSync(join(copy, 'secrets')).sort()).toEqual(named.map(([name]) => name).sort())
    const used = new Set(services.flatMap(([, service]) => (service.secrets ?? []).map(sourceOf)))
    expect([...used].sort()).toEqual(named.map(([name]) => name).sort())
    expect(statSync(join(copy, 'secrets')).mode & 0o777).toBe(0o700)
  })

  it('makes what TokMesh takes, all different, and leaves it as it is when it is run again', () => {
    const names = readdirSync(join(copy, 'secrets'))
    const before = names.map(secret)
    expect(new Set(before).size).toBe(names.length)
    const { config, problems } = readConfig({
      DATABASE_URL: secret('tokmesh-database-url'),
      TOKMESH_BOOTSTRAP_ADMIN_KEY: secret('tokmesh-admin-key'),
      TOKMESH_BOOTSTRAP_METRICS_KEY: secret('tokmesh-metrics-key'),
    })
    expect(problems).toEqual([])
    expect(config.bootstrapKeys.map(({ role }) => role)).toEqual(['admin', 'metrics'])
    run()
    expect(names.map(secret)).toEqual(before)
  })
})
