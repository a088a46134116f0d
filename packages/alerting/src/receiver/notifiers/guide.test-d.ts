import { slack } from '@honoscope/alerting/receiver'

export const team = slack({ url: 'https://hooks.example.com/services/T000/B000/secret', maxAlerts: 10 })

import { email } from '@honoscope/alerting/receiver'

export const mail = email({
  smtp: { host: 'smtp.example.com', auth: { user: 'alerts', pass: 'secret' } },
  from: 'Alerts <alerts@example.com>',
  to: ['on-call@example.com'],
})

import { pagerDuty } from '@honoscope/alerting/receiver'

export const onCall = pagerDuty({ routingKey: '0123456789abcdef0123456789abcdef', severities: { sev1: 'critical' } })

import { webhook } from '@honoscope/alerting/receiver'

export const chatbot = webhook({
  url: 'https://bot.example.com/alerts',
  headers: { authorization: 'Bearer secret' },
  secret: `whsec_${Buffer.alloc(32, 'of your own').toString('base64')}`,
})

import { githubIssues, ticket } from '@honoscope/alerting/receiver'

const system = githubIssues({ owner: 'example', repo: 'operations', token: 'secret', label: 'incident' })
export const tickets = ticket({ system })

import { restartPod } from '@honoscope/alerting/receiver'
import { AppsV1Api, CoreV1Api, KubeConfig } from '@kubernetes/client-node'

const cluster = new KubeConfig()
cluster.loadFromCluster()
const api = { core: cluster.makeApiClient(CoreV1Api), apps: cluster.makeApiClient(AppsV1Api) }

export const restart = restartPod({
  api,
  when: { alertname: 'HighMemoryUsage' },
  allow: [{ namespace: 'tokmesh', pod: /tokmesh-[a-z0-9]+-[a-z0-9]+/, labels: { app: 'tokmesh' } }],
  minReady: 1,
})

import { scaleDeployment } from '@honoscope/alerting/receiver'

export const scale = scaleDeployment({
  api,
  when: { alertname: 'HighCPUUsage' },
  allow: [{ namespace: 'tokmesh', deployment: 'tokmesh', min: 2, max: 6 }],
  by: 1,
  limit: { runs: 2, perMs: 60 * 60_000 },
})

import { restartPool } from '@honoscope/alerting/receiver'

let connections = { end: async () => {} }
const connect = () => ({ end: async () => {} })

export const restartDatabase = restartPool({
  when: { alertname: 'DatabaseConnectionPoolExhaustion' },
  pools: {
    main: async () => {
      const old = connections
      connections = connect()
      await old.end()
      return 'made a new pool'
    },
  },
  pool: 'main',
})
