// `npm run check:packages`: packs every publishable package as `npm publish` would, checks the tarballs, installs them
// into an empty project and imports them there, under Node and Bun. Ends with `N passed, N failed`.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { inWords, sum, tally } from './tally.mjs'
import { build, fail, install, root, run, tool } from './workspace.mjs'

const readJson = (...path) => JSON.parse(readFileSync(join(...path), 'utf8'))

await install().catch(fail)
if ((await build()) !== 0) fail('The build failed, so there is nothing to check.\n0 passed, 1 failed')

const folder = mkdtempSync(join(tmpdir(), 'honoscope-packages-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))

const results = []
/** Prints one line for a check, and what it found if it failed. */
function record(name, problems) {
  const passed = problems.length === 0
  console.log(`${passed ? '✓' : '✗'} ${name}`)
  for (const problem of problems) console.log(`    ${problem.trim().replaceAll('\n', '\n    ')}`)
  results.push(tally(passed ? { passed: 1 } : { failed: 1 }))
}

const packed = []
for (const entry of readdirSync(join(root, 'packages'))) {
  const source = join(root, 'packages', entry)
  const manifest = readJson(source, 'package.json')
  if (manifest.private) continue
  const exported = await import(pathToFileURL(join(source, 'dist', 'index.js')).href)
  if (Object.keys(exported).length === 0) {
    console.log(`- ${manifest.name} exports nothing yet: not checked`)
    continue
  }
  packed.push({ ...(await pack(source)), manifest })
}

for (const { manifest, tarball, files } of packed) {
  record(`${manifest.name}: contents`, problemsOf(manifest, files))
  record(`${manifest.name}: publint`, await output(tool('publint'), [tarball, '--strict']))
  record(`${manifest.name}: attw`, await output(tool('attw'), [tarball, '--profile', 'esm-only', '--no-emoji']))
}
await consume()

const total = sum(results)
console.log(inWords(total))
process.exit(total.failed > 0 ? 1 : 0)

async function pack(source) {
  const args = ['pack', '--json', '--loglevel=error', '--pack-destination', folder]
  const { code, text } = await run('npm', args, { cwd: source, capture: true, echo: false })
  if (code !== 0) fail(text)
  const [packedAs] = JSON.parse(text.slice(text.indexOf('[')))
  return { tarball: join(folder, packedAs.filename), files: packedAs.files.map(({ path }) => path) }
}

/** What is wrong with a package's manifest and the files in its tarball. */
function problemsOf(manifest, files) {
  const problems = []
  const expect = (holds, problem) => holds || problems.push(problem)
  expect(manifest.sideEffects === false, 'sideEffects is not false')
  expect(manifest.type === 'module', 'type is not "module"')
  expect(manifest.license === 'MIT', 'license is not "MIT"')
  expect(manifest.description, 'there is no description')
  for (const file of ['README.md', 'LICENSE', 'dist/index.js', 'dist/index.d.ts', 'src/index.ts']) {
    expect(files.includes(file), `${file} is missing`)
  }
  const stray = files.filter((file) => /\.test(-d)?\./.test(file) || /tsbuildinfo|\.(env|pem|key)$/.test(file))
  expect(stray.length === 0, `does not belong into the tarball: ${stray.join(', ')}`)
  const kinds = ['dependencies', 'peerDependencies', 'optionalDependencies']
  for (const [name, range] of kinds.flatMap((kind) => Object.entries(manifest[kind] ?? {}))) {
    expect(/^[\^~]?\d/.test(range), `${name} is asked for as "${range}", which only this repository can resolve`)
    const sibling = packed.find((each) => each.manifest.name === name)
    expect(
      !sibling || range.endsWith(sibling.manifest.version),
      `${name} is asked for as "${range}", not as it is here`,
    )
  }
  return problems
}

/** What a checker printed if it failed, nothing if it passed. */
async function output(command, args, cwd = folder) {
  const { code, text } = await run(command, args, { cwd, capture: true, echo: false })
  return code === 0 ? [] : [text]
}

/** Installs the tarballs beside Hono and nothing else of ours, and imports every entry point of each. */
async function consume() {
  const project = join(folder, 'consumer')
  mkdirSync(project)
  const hono = readJson(root, 'node_modules', 'hono', 'package.json').version
  const dependencies = {
    hono,
    ...Object.fromEntries(packed.map(({ manifest, tarball }) => [manifest.name, `file:${tarball}`])),
  }
  writeFileSync(join(project, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }))
  const entries = packed.flatMap(({ manifest }) =>
    Object.keys(manifest.exports).map((path) => manifest.name + path.slice(1)),
  )
  writeFileSync(join(project, 'index.js'), consumerOf(entries))
  const args = ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error', '--progress=false']
  record('consumer: npm install of the tarballs', await output('npm', args, project))
  record('consumer: imports under Node', await output(process.execPath, ['index.js'], project))
  record('consumer: imports under Bun', await output(tool('bun'), ['index.js'], project))
  const command = [join('node_modules', '.bin', 'honoscope'), '--version']
  record('consumer: honoscope --version', await output(process.execPath, command, project))
}

function consumerOf(entries) {
  return `import { Hono } from 'hono'
new Hono()
for (const entry of ${JSON.stringify(entries)}) {
  const found = entry.endsWith('/package.json') ? { skipped: true } : await import(entry)
  if (Object.keys(found).length === 0) throw new Error(entry + ' exports nothing')
}
`
}
