// `npm run bench`: the budgets, measured here and now, under Node and then under Bun. `npm run bench -- observe` runs
// one benchmark only, `npm run bench:tokmesh` those of TokMesh and its cluster. Nothing fails on a time.
import { join } from 'node:path'
import { build, fail, install, root, run, tool } from './workspace.mjs'

const benches = [
  'recording',
  'ai-metrics',
  'observe',
  'tracing',
  'drizzle',
  'http',
  'scrape',
  'growth',
  'tokmesh',
  'cluster-revoke',
  'cluster-notify',
  'cluster-sizes',
  'search',
  'logging',
]
/** They measure PostgreSQL, so one runtime will do. */
const ofPostgres = ['cluster-notify', 'cluster-sizes']

const at = process.argv.findIndex((one) => one.startsWith('--'))
const end = at < 0 ? process.argv.length : at
/** The rest is for the benchmarks themselves, e.g. `--seconds 2`. */
const [names, flags] = [process.argv.slice(2, end), process.argv.slice(end)]
const unknown = names.find((name) => !benches.includes(name))
if (unknown !== undefined) fail(`There is no benchmark "${unknown}"; there are: ${benches.join(', ')}.`)
await install().catch(fail)
if ((await build()) !== 0) fail('Nothing was measured: the build failed, see above.')

const runtimes = { Node: process.execPath, Bun: tool('bun') }
const failed = []
for (const name of names.length === 0 ? benches : names) {
  for (const [runtime, command] of Object.entries(runtimes)) {
    if (ofPostgres.includes(name) && runtime !== 'Node') continue
    console.error(`${name} under ${runtime} …`)
    const { code } = await run(command, [join(root, 'bench', `${name}.mjs`), ...flags])
    if (code !== 0) failed.push(`${name} under ${runtime}`)
  }
}
if (failed.length > 0) fail(`Did not run to its end: ${failed.join(', ')}.`)
