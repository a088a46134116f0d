import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMetrics } from '@honoscope/metrics'
import { type Served, serve } from '@honoscope/testing'
import { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { spoken } from './testing/spoken.ts'

const secret = 'tmas_1FzGxKWmv0BkhPYYGrZ7GCyRGbPVCvDgcxY2gDYIYdX'
const metrics = createMetrics({ prefix: 'shop_' })
const app = new Hono()
app.get('/metrics', metrics.handler)
app.get('/keyed', (c, next) =>
  c.req.header('authorization') === `Bearer ${secret}` ? metrics.handler(c, next) : c.text('no', 401),
)
app.get('/moved', (c) => c.redirect('/metrics'))
app.get('/page', (c) => c.html('<p>hello</p>'))
app.get('/slow', () => new Promise<Response>(() => {}))

let served: Served
let folder: string
beforeAll(async () => {
  served = await serve(app.fetch)
  folder = await mkdtemp(join(tmpdir(), 'honoscope-check-'))
  await writeFile(join(folder, 'key'), `${secret}\n`)
})
afterAll(async () => {
  await served.stop()
  metrics.close()
  await rm(folder, { recursive: true, force: true })
})

/** What `honoscope check` says and ends with; `{}` in an argument stands for the service's address. */
async function check(args: readonly string[], more: { readonly stdin?: string; readonly color?: boolean } = {}) {
  const words = ['check', ...args.map((argument) => argument.replace('{}', served.url))]
  const said = await spoken(words, { cwd: folder, ...more })
  expect(`${said.out}${said.err}`).not.toContain(secret)
  return said
}

const orders = '# HELP orders_total Orders.\n# TYPE orders_total counter\norders_total{kind="a"} 1\n'
const config = (expr: string, rest = '') => `
  const alert = { kind: 'alert', name: 'Own', severity: 'info', component: 'x', summary: 's', description: 'd' }
  const expr = { text: ${JSON.stringify(expr)}, labels: [], precedence: 3 }
  export default { rules: { own: { catalogue: {}, groups: [{ name: 'own', rules: [{ ...alert, expr }] }] } }${rest} }`

describe('what it reads', () => {
  it('is an endpoint, a file or standard input', async () => {
    expect(await check(['{}/metrics'])).toMatchObject({ code: 0, err: '', out: expect.stringContaining('no fault') })
    await writeFile(join(folder, 'metrics.txt'), orders)
    expect((await check(['metrics.txt'])).out).toContain('metrics.txt: 1 series of 1 metric\n')
    expect((await check(['-'], { stdin: orders })).out).toContain('standard input: 1 series of 1 metric\n')
  })

  it('takes a key from a header or a file', async () => {
    expect((await check(['{}/keyed', '--header', `Authorization: Bearer ${secret}`])).code).toBe(0)
    expect((await check(['{}/keyed', '--bearer-file', 'key'])).code).toBe(0)
  })

  it.each([
    [['{}/keyed'], 'answers 401: give it a key that may read metrics'],
    [['{}/keyed', '--header', `Authorization: Bearer ${secret}x`], 'answers 401'],
    [
      ['{}/keyed', '--header', `Authorization: ${secret}\nx`],
      '--header Authorization holds characters that a header can',
    ],
    [['{}/keyed', '--header', secret], "--header is not 'Name: value'"],
    [['{}/keyed', `--haeder=${secret}`], 'there is no option --haeder'],
    [['{}/keyed', '--bearer-file', 'none'], '--bearer-file none: there is no such file'],
    [[`http://admin:${secret}@127.0.0.1:9/metrics?key=${secret}`], 'give name and password in a header'],
    [[`http://127.0.0.1:9/metrics?key=${secret}`], 'http://127.0.0.1:9/metrics: '],
    [['{}/moved'], 'answers with a redirect'],
    [['{}/page'], 'is no exposition of metrics: line 1 is no sample'],
    [['{}/none'], 'answers 404'],
    [['{}/slow', '--timeout-ms', '50'], 'no answer within 50 ms'],
    [['none.txt'], 'none.txt: there is no such file'],
    [['-'], 'it holds no metric'],
  ])('ends with 2 and a reason, and shows no secret: %j', async (args, message) => {
    const { code, out, err } = await check(args)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain(message)
  })

  it('says that nothing listens', async () => {
    const gone = await serve(() => new Response())
    await gone.stop()
    expect((await check([`${gone.url}/metrics`])).err).toContain('nothing listens there (connection refused)')
  })
})

describe('what it tells', () => {
  const checked = async (expr: string, stdin: string, rest = '', ...args: readonly string[]) => {
    const file = `${Math.random()}.mjs`
    await writeFile(join(folder, file), config(expr, rest))
    return check(['-', '--config', file, '--json', ...args], { stdin })
  }
  const missing = async (...args: Parameters<typeof checked>) => JSON.parse((await checked(...args)).out).missing

  it('is which rules name what is not there, series and labels', async () => {
    const own = ['--bundle', 'own'] as const
    expect(await missing('orders_total > 1', orders, '', ...own)).toEqual([])
    expect(await missing('orders_total{kind="a", job="x"} > 1', orders, '', ...own)).toEqual([])
    const label = [{ by: 'own: Own', series: 'orders_total', label: 'colour' }]
    expect(await missing('orders_total{colour="a"} > 1', orders, '', ...own)).toEqual(label)
    const gone = [{ by: 'own: Own', series: 'sales_total' }]
    expect(await missing('sales_total > 1', orders, '', ...own)).toEqual(gone)
    const bytes = { by: 'own: Own', series: 'node_filesystem_avail_bytes', elsewhere: 'node_exporter' }
    expect(await missing('node_filesystem_avail_bytes > 1', orders, '', ...own)).toEqual([bytes])
    expect(await missing('sum(slo:events:rate5m) > 1', orders, '', ...own)).toEqual([])
  })

  it('takes metrics of which there are none at all for those of others, unless they were asked for', async () => {
    const queries = 'rate(db_queries_total[5m]) > 1'
    const some = '# HELP db_connections_max Most.\n# TYPE db_connections_max gauge\ndb_connections_max 1\n'
    const own = (found: readonly { by: string }[]) => found.filter(({ by }) => by === 'own: Own')
    const fault = { by: 'own: Own', series: 'db_queries_total' }
    expect(own(await missing(queries, orders))).toEqual([{ ...fault, elsewhere: 'the database' }])
    expect(own(await missing(queries, some))).toEqual([fault])
    expect(own(await missing(queries, orders, '', '--bundle', 'own'))).toEqual([fault])
    const catalogue = `, catalogue: { db_queries_total: { type: 'counter', help: 'Q.', labels: {} } }`
    expect(own(await missing(queries, orders, catalogue))).toEqual([fault])
  })

  it('does not take what every Prometheus client tells of its process for metrics of this suite', async () => {
    const standard =
      '# HELP process_cpu_seconds_total C.\n# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total 1\n'
    const kernel = 'rate(process_cpu_system_seconds_total[5m]) > 1'
    const own = async (stdin: string) =>
      (await missing(kernel, stdin)).filter(({ by }: { by: string }) => by === 'own: Own')
    const fault = { by: 'own: Own', series: 'process_cpu_system_seconds_total' }
    expect(await own(standard)).toEqual([{ ...fault, elsewhere: 'the process' }])
    expect(await own(standard.replaceAll('cpu_seconds', 'cpu_user_seconds'))).toEqual([fault])
  })

  it('counts a metric that has no series yet as there', async () => {
    const declared = '# HELP sales_total Sales.\n# TYPE sales_total counter\n'
    expect(await missing('sales_total{kind="x"} > 1', declared, '', '--bundle', 'own')).toEqual([])
  })

  it('is written for people', async () => {
    const stdin = `${orders}# HELP wait_ms Wait.\n# TYPE wait_ms gauge\nwait_ms{user="ada@example.com"} 1\n# HELP tokmesh_cluster_nodes_total Nodes.\n# TYPE tokmesh_cluster_nodes_total gauge\ntokmesh_cluster_nodes_total{status="active"} 1\n`
    await writeFile(join(folder, 'own.mjs'), config('sales_total / orders_total > node_memory_MemTotal_bytes'))
    const args = ['-', '--config', 'own.mjs', '--bundle', 'own']
    const { code, out } = await check(args, { stdin })
    expect(code).toBe(1)
    expect(out).toMatchInlineSnapshot(`
      "standard input: 3 series of 3 metrics

      Rules and panels name what is not exported
        ✗ own: Own
            sales_total

      What is exported
        ✗ wait_ms        base-unit     ms is no base unit: use seconds
        ✗ wait_ms{user}  label-secret  of 1 value, 1 looks like an e-mail address

      Known exceptions, not counted
        - tokmesh_cluster_nodes_total  reserved-suffix  the name is fixed by TokMesh's contract, section 8.2

      From elsewhere, not counted
        - node_exporter  node_memory_MemTotal_bytes

      3 faults
      "
    `)
    expect((await check(args, { stdin, color: true })).out).toContain('\u001b[31m3 faults\u001b[0m')
  })
})
