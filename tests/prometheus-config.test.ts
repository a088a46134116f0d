import { spawnSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundles } from '@honoscope/alerting/bundles'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'

const deploy = fileURLToPath(new URL('../deploy/prometheus/', import.meta.url))
const hasPromtool = spawnSync('promtool', ['--version']).status === 0

describe('deploy/prometheus', () => {
  let folder = ''
  // biome-ignore lint/suspicious/noExplicitAny: a document of Prometheus's.
  let config: any
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'honoscope-prometheus-config-'))
    await cp(deploy, folder, { recursive: true })
    await mkdir(join(folder, 'secrets'))
    await writeFile(join(folder, 'secrets/tokmesh-metrics-key'), 'tmak-…:tmas_…')
    config = parse(await readFile(join(folder, 'prometheus.yml'), 'utf8'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  const check = () => {
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'config', join(folder, 'prometheus.yml')], {
      encoding: 'utf8',
    })
    return { status, output: `${stdout}${stderr}` }
  }

  it.skipIf(!hasPromtool)(
    `is taken by promtool, rules too${hasPromtool ? '' : ' (skipped: not installed)'}`,
    async () => {
      const { status, output } = check()
      expect({ status, output }).toEqual({ status: 0, output: expect.stringContaining('is valid prometheus config') })
      const files = await readdir(join(folder, 'rules'))
      expect(files.sort()).toEqual(
        Object.keys(bundles)
          .map((name) => `${name}.yaml`)
          .sort(),
      )
      for (const file of files) expect(output).toContain(`rules/${file}\n  SUCCESS`)
    },
  )

  it.skipIf(!hasPromtool)('asks for the key, which has to be there', async () => {
    const key = join(folder, 'secrets/tokmesh-metrics-key')
    await rm(key)
    expect(check()).toEqual({ status: 1, output: expect.stringContaining('tokmesh-metrics-key') })
    await writeFile(key, 'tmak-…:tmas_…')
  })

  it('has the jobs that the rules ask for, but for those of the examples', async () => {
    const jobs: string[] = config.scrape_configs.map((job: { job_name: string }) => job.job_name)
    const texts = Object.values(bundles).flatMap(({ rules }) =>
      rules.groups.flatMap((g) => g.rules.map((r) => r.expr.text)),
    )
    const asked = new Set(texts.flatMap((text) => [...text.matchAll(/job="([^"]*)"/g)].map(([, job = '']) => job)))
    expect(asked.size).toBeGreaterThan(4)
    expect([...asked].filter((job) => !jobs.includes(job)).sort()).toEqual(['chat2sql', 'iac'])
  })

  it('has targets for each job, and three Alertmanagers', async () => {
    for (const { job_name, file_sd_configs = [] } of config.scrape_configs) {
      for (const file of file_sd_configs.flatMap(({ files }: { files: string[] }) => files)) {
        const [{ targets }] = parse(await readFile(join(folder, file), 'utf8'))
        expect({ job_name, targets }).toEqual({ job_name, targets: expect.arrayContaining([expect.any(String)]) })
      }
    }
    const [{ file_sd_configs }] = config.alerting.alertmanagers
    const [{ targets }] = parse(await readFile(join(folder, file_sd_configs[0].files[0]), 'utf8'))
    expect(targets).toHaveLength(3)
  })
})
