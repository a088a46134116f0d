import { afterAll, beforeAll, expect, it } from 'vitest'
import { startCluster, type TestCluster } from './nodes.ts'

const quota = 50

let cluster: TestCluster
beforeAll(async () => {
  cluster = await startCluster()
})
afterAll(() => cluster?.stop())

it('three nodes with 100 creates at once for one user make never more than 50', async () => {
  const { nodes, issuer: key, sql } = cluster
  const body = { user_id: 'one', ttl_seconds: 3600 }
  let most = 0
  let done = false
  const count = async () => {
    const [row] = await sql<{ n: number }[]>`select count(*)::int as n from sessions where user_id = 'one'`
    return row?.n ?? 0
  }
  const watch = async () => {
    while (!done) most = Math.max(most, await count())
  }
  const watching = watch()
  // Who is told that others hold the user's row up tries again, as the contract tells clients.
  const create = async ({ ask }: (typeof nodes)[number]) => {
    for (;;) {
      const answer = await ask('POST', '/sessions', { key, body })
      if (answer.status !== 503 && answer.status !== 409) return answer
    }
  }
  const answers = await Promise.all(nodes.flatMap((node) => Array.from({ length: 100 }, () => create(node))))
  done = true
  await watching

  const codes = new Set(answers.map(({ status, code }) => `${status} ${code}`))
  expect([...codes].sort()).toEqual(['201 OK', '429 TM-SESS-4002'])
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(quota)
  for (const { details } of answers.filter(({ status }) => status === 429))
    expect(details).toEqual({ limit: quota, count: quota })
  expect(most).toBe(quota)
  expect(await count()).toBe(quota)
  // Each had its part in it: the others did not stand idle.
  const made = nodes.map(({ index }) => answers.filter(({ node, status }) => node === index && status === 201).length)
  process.stdout.write(`sessions made by each node: ${made.join(', ')}\n`)
}, 60_000)
