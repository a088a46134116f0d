// `npm test`: every test under Node, the same files under Bun, then the type tests. `npm test node|bun|types` runs one
// of them; what follows is handed to the runner: `npm test node packages/health`. `npm run test:long` runs the tests
// that take minutes, `*.long.test.ts`, under both, and `npm run test:cluster` those of several processes that load the
// machine and are cut, frozen and killed, `*.cluster.test.ts`; what follows is the runtime and what is handed to it:
// `npm run test:cluster -- node kill`.
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { fromBun, fromVitest, inWords, sum, tally } from './tally.mjs'
import { build, fail, install, root, run, tool } from './workspace.mjs'

const folder = join(root, '.cache', 'test')

/** A step that ended badly without saying which test did is one failure: nothing may pass by crashing. */
const honest = (found, code) => (code !== 0 && found.failed === 0 ? { ...found, failed: 1 } : found)

const steps = {
  async node(env, args) {
    const report = join(folder, 'vitest.json')
    rmSync(report, { force: true })
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
    const { code } = await run(tool('vitest'), ['run', ...reporters, ...args], { env })
    return honest(fromVitest(report), code)
  },
  async bun(env, args) {
    const report = join(folder, 'bun.xml')
    rmSync(report, { force: true })
    const reporters = ['--only-failures', '--reporter=junit', `--reporter-outfile=${report}`]
    // Two worker processes and a fresh global for each file, as Vitest has it; the special ones run alone, since some
    // load the machine and others take a 503 for a fault. Bun has one limit for tests and hooks.
    const workers = `--parallel=${special ? 1 : 2}`
    const options = ['--conditions=@honoscope/source', workers, '--timeout=120000', ...reporters]
    const others = special ? [] : kinds.map((kind) => `--path-ignore-patterns=**/*.${kind}.test.ts`)
    const paths = special ? testsOf(special, args) : args.length > 0 ? args : tops
    // Given no path, Bun would run all that it finds.
    if (paths.length === 0) return tally()
    const { code, text } = await run(tool('bun'), ['test', ...options, ...others, ...paths], { env, capture: true })
    return honest(fromBun(text, report), code)
  },
  async types() {
    const { code, text } = await run(tool('tsc'), ['--noEmit', '-p', 'tsconfig.test.json'], { capture: true })
    const errors = text.match(/error TS\d+/g)?.length ?? 0
    return code === 0 ? tally({ passed: 1 }) : tally({ failed: Math.max(1, errors) })
  },
}

const titles = { node: `Node ${process.versions.node}`, bun: 'Bun', types: 'Types' }

/** Kinds of tests that `npm test` leaves out: `*.long.test.ts`. */
const kinds = ['long', 'cluster']
const tops = ['packages', 'apps', 'tests']

const special = kinds.find((kind) => kind === process.argv[2])
const [first, ...more] = process.argv.slice(special ? 3 : 2)
// `npm run test:long -- some/path` names no step.
const only = special && !(first in steps) ? undefined : first
const args = only === undefined && first !== undefined ? [first, ...more] : more
if (only !== undefined && !(only in steps)) fail(`Unknown step "${only}": it is node, bun or types.`)

await install().catch(fail)
mkdirSync(folder, { recursive: true })
const results = []
if ((await build()) !== 0) results.push(['Build', tally({ failed: 1 })])

const all = special ? ['node', 'bun'] : Object.keys(steps)
const names = only === undefined ? all : [only]
const database = names.some((name) => name !== 'types') ? await startDatabase() : undefined
const env = {
  ...process.env,
  ...(database ? { TEST_DATABASE_URL: database.url } : {}),
  ...(special ? { TEST_KIND: special } : {}),
}
for (const name of names) {
  console.log(`\n── ${titles[name]} ──`)
  results.push([titles[name], await steps[name](env, args)])
}
await database?.stop()

const total = sum(results.map(([, each]) => each))
console.log('')
for (const name of new Set(total.skipped)) console.log(`Skipped: ${name}`)
for (const [title, each] of results) console.log(`${title}: ${inWords(each)}`)
console.log(inWords(total))
process.exit(total.failed > 0 || total.passed === 0 ? 1 : 0)

/** Paths that Bun takes for files and not for filters: those that hold one of `parts`, all where there is none. */
function testsOf(kind, parts) {
  return tops.flatMap((top) => {
    const found = readdirSync(join(root, top), { recursive: true, encoding: 'utf8' })
    const wanted = found.filter((path) => path.endsWith(`.${kind}.test.ts`) && !path.includes('node_modules'))
    const paths = wanted.map((path) => `./${top}/${path}`)
    return parts.length > 0 ? paths.filter((path) => parts.some((part) => path.includes(part))) : paths
  })
}

/** One PostgreSQL for the whole run, unless the caller brought one; without it each worker would start its own. */
async function startDatabase() {
  if (process.env.TEST_DATABASE_URL) return undefined
  try {
    const testing = join(root, 'packages', 'testing', 'dist', 'postgres.js')
    const { startPostgres } = await import(pathToFileURL(testing).href)
    return await startPostgres()
  } catch (error) {
    console.error(
      `PostgreSQL could not be started for the run, so tests that need it start their own: ${error.message}`,
    )
    return undefined
  }
}
