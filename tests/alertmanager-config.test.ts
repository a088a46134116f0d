import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Severity } from '@honoscope/alerting'
import { bundles } from '@honoscope/alerting/bundles'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'

const file = fileURLToPath(new URL('../deploy/alertmanager/alertmanager.yml', import.meta.url))
const hasAmtool = spawnSync('amtool', ['--version']).status === 0
const title = `amtool${hasAmtool ? '' : ' (skipped: amtool is not installed)'}`

const alerts = Object.values(bundles).flatMap(({ rules }) =>
  rules.groups.flatMap((group) => group.rules.flatMap((rule) => (rule.kind === 'alert' ? [rule] : []))),
)
const components = [...new Set(alerts.map(({ component }) => component))]
const receivers: Record<Severity, string> = { critical: 'page', warning: 'notify', info: 'record' }

describe('deploy/alertmanager/alertmanager.yml', () => {
  it('tells the alert receiver of everything, of the end too, with a token from a file and a bound on alerts', async () => {
    const config = parse(await readFile(file, 'utf8'))
    for (const { name, webhook_configs } of config.receivers) {
      expect({ name, webhook_configs }).toEqual({
        name,
        webhook_configs: [
          {
            url: 'http://alert-receiver.example.com:5090/alerts',
            send_resolved: true,
            max_alerts: expect.any(Number),
            http_config: { authorization: { type: 'Bearer', credentials_file: expect.stringMatching(/^\//) } },
          },
        ],
      })
    }
  })

  it('names only alerts that there are', async () => {
    const names = alerts.map(({ name }) => name)
    const { inhibit_rules } = parse(await readFile(file, 'utf8'))
    const matchers: string[] = inhibit_rules.flatMap((rule: Record<string, string[]>) =>
      [rule.source_matchers, rule.target_matchers].flat(),
    )
    const patterns = matchers.flatMap((text) => /^alertname(?:=~?|!=)"(.*)"$/.exec(text)?.[1] ?? [])
    expect(patterns.length).toBeGreaterThan(8)
    for (const pattern of patterns.flatMap((text) => (text.includes('(') ? [text] : text.split('|')))) {
      expect({ pattern, known: names.some((name) => new RegExp(`^(${pattern})$`).test(name)) }).toEqual({
        pattern,
        known: true,
      })
    }
  })
})

describe.skipIf(!hasAmtool)(title, () => {
  const amtool = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync('amtool', args, { encoding: 'utf8' })
    return { status, output: `${stdout}${stderr}` }
  }
  const routed = (...labels: string[]) => {
    const { stdout } = spawnSync('amtool', ['config', 'routes', 'test', `--config.file=${file}`, ...labels], {
      encoding: 'utf8',
    })
    return stdout.trim()
  }

  it('takes it', () => {
    expect(amtool('check-config', file)).toEqual({ status: 0, output: expect.stringContaining('SUCCESS') })
  })

  it.each(components)('sends what is about %s where its severity says', (component) => {
    for (const [severity, receiver] of Object.entries(receivers)) {
      const own = severity === 'critical' ? 'alerting-page' : 'alerting-notify'
      const expected = component === 'alerting' ? own : receiver
      expect({ severity, to: routed(`severity=${severity}`, `component=${component}`) }).toEqual({
        severity,
        to: expected,
      })
    }
  })

  it('tells somebody of an alert whose severity or component nobody foresaw', () => {
    expect(routed('severity=odd', 'component=tokmesh')).toBe('notify')
    expect(routed('alertname=Odd')).toBe('notify')
    expect(routed('severity=critical', 'component=odd')).toBe('page')
  })
})
