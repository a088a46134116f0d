// `npm run bench`: the budgets, measured here and now, under Node and then under Bun. `npm run bench -- observe` runs
// one benchmark only. Nothing fails on a time.
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
  'search',
  'logging',
]

const [only] = process.argv.slice(2)
if (only !== undefined && !benches.includes(only))
  fail(`There is no benchmark "${only}"; there are: ${benches.join(', ')}.`)
await install().catch(fail)
if ((await build()) !== 0) fail('Nothing was measured: the build failed, see above.')

const runtimes = { Node: process.execPath, Bun: tool('bun') }
const failed = []
for (const name of only === undefined ? benches : [only]) {
  for (const [runtime, command] of Object.entries(runtimes)) {
    console.error(`${name} under ${runtime} …`)
    const { code } = await run(command, [join(root, 'bench', `${name}.mjs`)])
    if (code !== 0) failed.push(`${name} under ${runtime}`)
  }
}
if (failed.length > 0) fail(`Did not run to its end: ${failed.join(', ')}.`)
